"""A sequence classifier of Hugging Face, from files on this machine: no code of the model is run, and no pickle is read."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError

FILES = ("*.json", "*.txt", "*.model", "*.safetensors")
_MANY = 100_000

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Pretrained:
    """A model that is ready to score texts.

    ``labels`` are its own, in the order of its scores; ``most_tokens`` how many tokens it reads; ``is_multi_label`` whether its labels exclude each other.
    """

    labels: tuple[str, ...]
    is_multi_label: bool
    most_tokens: int
    digest: str
    device: str
    _model: Any
    _tokenizer: Any

    def scores(self, texts: Sequence[str], hypotheses: Sequence[str] | None, *, batch: int) -> tuple[Floats, int]:
        """Logits of some texts, or of texts with a hypothesis each.

        Parameters
        ----------
        texts : (N,) sequence of str
            The texts.
        hypotheses : (N,) sequence of str, optional
            What each text may entail.
        batch : int
            Texts that are scored at once.

        Returns
        -------
        logits : (N, labels) float
        truncated : int
            Texts that were longer than the model reads: their ends were left out.

        Notes
        -----
        Texts of like length are scored together, in an order that depends on their lengths and contents alone.
        """
        import torch

        pairs = [texts, hypotheses] if hypotheses is not None else [texts]
        tokens: list[list[int]] = []
        truncated = 0
        for at in range(0, len(texts), _MANY):
            part = [list(column[at : at + _MANY]) for column in pairs]
            whole = self._tokenizer(*part, truncation=False, add_special_tokens=True, verbose=False)["input_ids"]
            truncated += sum(len(one) > self.most_tokens for one in whole)
            tokens += whole
        order = sorted(range(len(texts)), key=lambda at: (len(tokens[at]), tokens[at]))
        found = np.zeros((len(texts), len(self.labels)), np.float32)
        with torch.inference_mode():
            for start in range(0, len(order), batch):
                rows = order[start : start + batch]
                inputs = self._tokenizer(
                    *[[column[at] for at in rows] for column in pairs],
                    truncation="only_first" if hypotheses is not None else True,
                    max_length=self.most_tokens,
                    padding=True,
                    return_tensors="pt",
                ).to(self.device)
                found[rows] = self._model(**inputs).logits.float().cpu().numpy()
        return found, truncated


def load(name: str, *, download: bool, device: str, most_tokens: int) -> Pretrained:
    """Load a model.

    Parameters
    ----------
    name : str
        A folder, or the name of a model that was downloaded before.
    download : bool
        Whether it may be fetched from the hub.
    device : str
        ``cpu``, ``cuda``, or ``auto``: CUDA where there is one. On CUDA numbers are bfloat16.
    most_tokens : int
        Longest text in tokens; 0 for what the model reads.

    Raises
    ------
    YuhuError
        YH508 the extra is not installed, or the model is not there or cannot be used.
    """
    try:
        import torch
        import transformers
    except ImportError:
        raise YuhuError("YH508", "transformer models need the extra `transformer`", fix="uv pip install 'yuhu[transformer]'") from None
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    folder = _folder(name, download=download)
    where = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    kind = torch.bfloat16 if where == "cuda" else torch.float32
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
        model = transformers.AutoModelForSequenceClassification.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=kind
        )
        model = model.to(where).eval()
    except Exception as error:  # noqa: BLE001 - files of strangers break in many ways
        raise _unusable(name, str(error).strip().split("\n", maxsplit=1)[0][:200]) from None
    return _described(name, folder, model, tokenizer, where, most_tokens)


def _described(name: str, folder: Path, model: Any, tokenizer: Any, where: str, most_tokens: int) -> Pretrained:
    config = model.config
    labels = tuple(str(config.id2label[at]) for at in range(config.num_labels))
    if len(set(labels)) != len(labels):
        raise _unusable(name, "two of its labels have one name")
    reads = min(int(getattr(config, "max_position_embeddings", 512)), int(tokenizer.model_max_length), 1 << 16)
    if getattr(config, "model_type", "") in {"roberta", "xlm-roberta", "camembert"}:
        reads = min(reads, int(config.max_position_embeddings) - 2)  # their positions start behind the padding's
    is_multi = config.problem_type == "multi_label_classification"
    return Pretrained(labels, is_multi, min(reads, most_tokens or reads), _digest(folder), where, model, tokenizer)


def _folder(name: str, *, download: bool) -> Path:
    """Where the files of a model lie."""
    folder = Path(name)
    if folder.is_dir():
        if not any(folder.glob("*.safetensors")):
            raise _unusable(name, "the folder has no .safetensors file; files that can carry programs (.bin, .pt) are not read")
        return folder
    import huggingface_hub

    try:
        return Path(huggingface_hub.snapshot_download(name, local_files_only=not download, allow_patterns=list(FILES)))
    except Exception as error:  # noqa: BLE001 - whatever stopped it, the model is not here
        why = "it is no folder, and was not downloaded before" if not download else str(error).split("\n", maxsplit=1)[0][:200]
        fix = "name a folder, or --set download=yes, which fetches it from huggingface.co"
        raise YuhuError("YH508", f"model `{name}` is not on this machine", facts={"why": why}, fix=fix) from None


def _unusable(name: str, why: str) -> YuhuError:
    return YuhuError(
        "YH508",
        f"model `{name}` cannot be used",
        facts={"why": why, "expected": "a sequence classifier with a tokenizer and .safetensors weights, without code of its own"},
        fix="save it with save_pretrained of transformers",
    )


def _digest(folder: Path) -> str:
    """Hash of the files that a model is loaded from."""
    found = hashlib.sha256()
    for path in sorted({path for pattern in FILES for path in folder.glob(pattern)}):
        with path.open("rb") as file:
            found.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return found.hexdigest()
