"""The language-model coder: any server that speaks chat completions codes messages by the codebook."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from yuhu.coding.llm.asked import asked_questions, serves
from yuhu.coding.llm.budget import Usage
from yuhu.coding.llm.pace import Clock
from yuhu.coding.llm.prompt import Message, Prompts
from yuhu.coding.llm.running import Decisions, Runner
from yuhu.coding.llm.server import require_client
from yuhu.coding.llm.settings import CODER, LlmSettings, settings_from
from yuhu.core.codebook import Codebook
from yuhu.core.contracts import CodedBatch, CoderSetup, Forecast
from yuhu.core.errors import YuhuError
from yuhu.core.schema import ABSTAINED, FAILED, LEAST_SCORE, MACHINE_CODING, SCORES


@dataclass(frozen=True)
class _Row:
    """A text of a batch, as it came."""

    text_key: int
    message: Message


class LlmCoder:
    """Codes messages by asking a language model.

    Parameters
    ----------
    book : Codebook
        The codebook.
    modules : sequence of str
        Modules that are on.
    settings : LlmSettings
        Which server and model, and how.
    folder : Path, optional
        Where answers are kept; None keeps none.
    clock : Clock, optional
        Time.
    """

    name = CODER
    kind = "llm"

    def __init__(
        self, book: Codebook, modules: Sequence[str], settings: LlmSettings, folder: Path | None = None, clock: Clock | None = None
    ) -> None:
        asked = asked_questions(book, modules, settings.codes)
        self._runner = Runner(Prompts(book), asked, settings, folder, clock)
        self._settings = settings
        self._zeros = {name: book.variables[name].zero for name in serves(asked)}
        self.uses_context = settings.context
        self.serves: Sequence[str] = list(self._zeros)

    @property
    def used(self) -> Usage:
        """What was used so far."""
        return self._runner.used

    def parameters(self) -> Mapping[str, object]:
        """Server (its host alone), model, sampling, the hash of all prompts and how answers are read; never the key."""
        return self._runner.parameters()

    def forecast(self, texts: pa.Table) -> Forecast:
        """What a run will ask for: answers in the cache apart, as if no gate closed. O(texts times groups times repeats)."""
        found, n = self._runner.forecast([row.message for batch in texts.to_batches() for row in self._rows(batch)])
        return replace(found, sends=self._sends(n))

    def _sends(self, n: int) -> str:
        """What leaves the machine, in a sentence; empty where nothing does."""
        if not n:
            return ""
        context = " with the message each answers to and the lines spoken within 10 s of it" if self.uses_context else " without context"
        return (
            f"{n:,} texts go to {self._settings.goal}: each text{context}, and the codebook; author names, keys, likes, times, ids and video "
            "names never go"
        )

    def code(self, texts: pa.RecordBatch) -> CodedBatch:
        """Code a batch; what the cache holds is not asked again.

        Raises
        ------
        YuhuError
            YH511 the server cannot be used; YH512 a cap was reached. Answers so far are kept.
        """
        rows = list(self._rows(texts))
        return self._tables(rows, self._runner.run([row.message for row in rows]))

    def _rows(self, batch: pa.RecordBatch) -> Iterator[_Row]:
        """The texts of a batch; contexts only where they are asked for."""
        for row in batch.to_pylist():
            context = (row.get("parent"), row.get("transcript")) if self.uses_context else (None, None)
            yield _Row(row["text_key"], Message(row["text"] or "", row["lang"], *context))

    def _tables(self, rows: Sequence[_Row], done: Sequence[Decisions]) -> CodedBatch:
        """Outcomes as tables, in the order of the texts and of the codebook."""
        codings: list[dict[str, Any]] = []
        silent: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        scores: list[dict[str, Any]] = []
        for row, (outcomes, shares) in zip(rows, done, strict=True):
            text = {"text_key": row.text_key, "lang": row.message.lang}
            if row.message.is_blank:
                silent.append(text)
                continue
            for name in self.serves:
                found = outcomes.get(name)
                if found is not None and found.why:
                    failed.append({**text, "code": name, "why": found.why})
                    continue
                if found is not None and found.value != self._zeros[name]:
                    span = found.start >= 0
                    places = {"evidence_start": [found.start] if span else [], "evidence_end": [found.end] if span else []}
                    codings.append({**text, "code": name, "value": found.value, **places})
                held = {value: share for value, share in shares.get(name, {}).items() if share >= LEAST_SCORE}
                scores += [{**text, "code": name, "value_id": value, "probability": share} for value, share in held.items()]
        return CodedBatch(
            pa.Table.from_pylist(codings, MACHINE_CODING),
            pa.Table.from_pylist(silent, ABSTAINED),
            pa.Table.from_pylist(scores, SCORES) if self._settings.repeats > 1 else None,
            pa.Table.from_pylist(failed, FAILED),
        )


def llm_coder(setup: CoderSetup) -> LlmCoder:
    """See `yuhu.coding.llm.make_llm`."""
    settings = settings_from(setup.options)
    if settings.images:
        raise YuhuError("YH508", "option `images` is for segments of videos, not for messages", fix="leave out --set images")
    if not settings.replay:
        require_client()
        settings.key()
    return LlmCoder(setup.book, setup.modules, settings, setup.cache)
