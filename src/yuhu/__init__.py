"""Yuhu: evidence from short videos and their audiences.

The verbs of the command line are functions here, with the same names::

    import yuhu

    study = yuhu.init("escape")
    yuhu.add(study, ["ep1.xml", "comments.json"])
    study = yuhu.open("escape")
    yuhu.code(study)
    results = yuhu.measure(yuhu.open("escape"))
    results.estimates            # a Polars frame, one row per estimate
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from yuhu.core.version import __version__

if TYPE_CHECKING:
    from yuhu.coding.desk import Desk
    from yuhu.core.codebook import Codebook
    from yuhu.core.errors import YuhuError
    from yuhu.core.estimate import Estimate
    from yuhu.core.sample import Sample
    from yuhu.study.store import Study
    from yuhu.study.store import open_study as open  # noqa: A004
    from yuhu.verbs.add import add
    from yuhu.verbs.adjudicate import adjudicate, disagreements
    from yuhu.verbs.agree import agree
    from yuhu.verbs.agree_table import agree_table
    from yuhu.verbs.check_coder import check_coder
    from yuhu.verbs.clean import clean
    from yuhu.verbs.code import code
    from yuhu.verbs.codebook import adopt_codebook, codebook_diff, codebook_history
    from yuhu.verbs.coders import add_coder, coders
    from yuhu.verbs.collect import collect
    from yuhu.verbs.demo import demo
    from yuhu.verbs.ethics import ethics
    from yuhu.verbs.export import export
    from yuhu.verbs.forget import forget
    from yuhu.verbs.hand_out import hand_out
    from yuhu.verbs.init import init
    from yuhu.verbs.link import link
    from yuhu.verbs.lint import lint
    from yuhu.verbs.measure import measure
    from yuhu.verbs.plan import plan
    from yuhu.verbs.protocol import protocol
    from yuhu.verbs.remap import remap
    from yuhu.verbs.remove import remove
    from yuhu.verbs.report import report
    from yuhu.verbs.run import run
    from yuhu.verbs.sample import sample
    from yuhu.verbs.status import status

_PLACES = {
    "Codebook": ("yuhu.core.codebook", "Codebook"),
    "Desk": ("yuhu.coding.desk", "Desk"),
    "Estimate": ("yuhu.core.estimate", "Estimate"),
    "Sample": ("yuhu.core.sample", "Sample"),
    "Study": ("yuhu.study.store", "Study"),
    "YuhuError": ("yuhu.core.errors", "YuhuError"),
    "add_coder": ("yuhu.verbs.coders", "add_coder"),
    "adopt_codebook": ("yuhu.verbs.codebook", "adopt_codebook"),
    "codebook_diff": ("yuhu.verbs.codebook", "codebook_diff"),
    "codebook_history": ("yuhu.verbs.codebook", "codebook_history"),
    "disagreements": ("yuhu.verbs.adjudicate", "disagreements"),
    "open": ("yuhu.study.store", "open_study"),
    **{
        verb: (f"yuhu.verbs.{verb}", verb)
        for verb in (
            "add",
            "adjudicate",
            "agree",
            "agree_table",
            "check_coder",
            "clean",
            "code",
            "coders",
            "collect",
            "demo",
            "ethics",
            "export",
            "forget",
            "hand_out",
            "init",
            "link",
            "lint",
            "measure",
            "plan",
            "protocol",
            "remap",
            "remove",
            "report",
            "run",
            "sample",
            "status",
        )
    },
}

__all__ = [
    "Codebook",
    "Desk",
    "Estimate",
    "Sample",
    "Study",
    "YuhuError",
    "__version__",
    "add",
    "add_coder",
    "adjudicate",
    "adopt_codebook",
    "agree",
    "agree_table",
    "check_coder",
    "clean",
    "code",
    "codebook_diff",
    "codebook_history",
    "coders",
    "collect",
    "demo",
    "disagreements",
    "ethics",
    "export",
    "forget",
    "hand_out",
    "init",
    "link",
    "lint",
    "measure",
    "open",
    "plan",
    "protocol",
    "remap",
    "remove",
    "report",
    "run",
    "sample",
    "status",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use: the command line starts fast."""
    if name not in _PLACES:
        raise AttributeError(f"module 'yuhu' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return __all__
