"""What a person may set of a classifier."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from yuhu.coding.options import no_more_options, whole
from yuhu.core.errors import YuhuError

OPTIONS = ("folds", "threshold", "languages", "least_texts", "least_value", "model")
THRESHOLDS = ("half", "f1")
LANGUAGES = ("labelled", "all")
LEAST_IN_LANGUAGE = 10


@dataclass(frozen=True)
class ClassifierSettings:
    """Settings of a classifier that is trained.

    Parameters
    ----------
    folds : int
        Folds of cross-fitting, 3 to 20.
    threshold : str
        ``half``: a code counts as there from a probability of one half; ``f1``: from the probability with the largest F1.
    languages : str
        ``labelled``: texts in a language with fewer than `LEAST_IN_LANGUAGE` labelled texts are abstained from; ``all``: they are coded, too.
    least_texts, least_value : int
        Labelled texts that a decision needs, and texts of each answer.
    """

    folds: int = 5
    threshold: str = "half"
    languages: str = "labelled"
    least_texts: int = 100
    least_value: int = 10

    def document(self) -> dict[str, object]:
        """The settings by name."""
        return asdict(self)


def read_settings(options: Mapping[str, str], coder: str) -> ClassifierSettings:
    """Settings from what the person said.

    Raises
    ------
    YuhuError
        YH508 an option is unknown or out of range, or does nothing beside ``model``.
    """
    no_more_options(options, coder, OPTIONS)
    idle = [name for name in options if name not in {"model", "languages"}] if "model" in options else []
    if idle:
        raise YuhuError("YH508", f"a saved model was trained already: `{idle[0]}` does nothing", fix=f"leave out --set {idle[0]}")
    return ClassifierSettings(
        folds=whole(options, "folds", 5, least=3, most=20),
        threshold=_one_of(options, "threshold", THRESHOLDS),
        languages=_one_of(options, "languages", LANGUAGES),
        least_texts=whole(options, "least_texts", 100, least=20, most=10**9),
        least_value=whole(options, "least_value", 10, least=2, most=10**9),
    )


def _one_of(options: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    found = options.get(name, known[0])
    if found not in known:
        raise YuhuError(
            "YH508",
            f"option `{name}` has no such value",
            facts={"found": found, "expected": ", ".join(known)},
            fix=f"--set {name}={known[0]}",
        )
    return found
