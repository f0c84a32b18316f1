"""What the command line prints about machine coders."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from yuhu.cli.show import print_json, print_text

if TYPE_CHECKING:
    from yuhu.core.contracts import Forecast
    from yuhu.study.manifest import Run


def coded(run: "Run", counts: Mapping[str, int], *, as_json: bool) -> None:
    """A finished machine coding."""
    if as_json:
        print_json(
            {
                "coder": run.coder,
                "run": run.run,
                "decisions": list(run.served),
                "codings": counts["codings"],
                "texts_abstained": counts["abstained"],
                "decisions_failed": counts["failed"],
                "codebook_hash": run.codebook_hash,
            }
        )
        return
    print_text(
        f"{run.coder}: {len(run.served)} decisions per text, {counts['codings']:,} codings other than 0; "
        f"abstained from {counts['abstained']:,} texts in languages {'without terms' if run.kind == 'lexicon' else 'that it does not code'}"
    )
    if counts["failed"]:
        print_text(f"{counts['failed']:,} decisions failed and are outside of its shares; --retry-failed asks for them again")
    print_text("machine only: not validated, until people code a sample")


def forecast(found: "Forecast") -> None:
    """What a run will ask for."""
    print_text(
        f"{found.texts:,} distinct texts: {found.requests:,} requests, {found.cached:,} more are answered already; "
        f"about {found.tokens_in:,} tokens in and {found.tokens_out:,} out"
    )
    print_text("cost: no prices given" if found.cost is None else f"cost: about {found.cost:,.2f} {found.currency}")
