"""Where terms stand in texts, in one pass over their bytes, and what each says there."""

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.coding.negation import REVERSERS, taken_back
from yuhu.stats.arrays import Ints
from yuhu.texts.automaton import Automaton, Places

_ANY_TERMS = ("mul", "und")
_FLAGS = ("for_zh", "for_en", "negatable")


class Finder:
    """Finds compiled terms.

    Parameters
    ----------
    lookup : pl.DataFrame
        As `terms.compile_terms` gives it.
    """

    def __init__(self, lookup: pl.DataFrame) -> None:
        self.patterns = lookup["pattern"].unique(maintain_order=True)
        number = {pattern: at for at, pattern in enumerate(self.patterns)}
        rows = lookup.with_columns(number=pl.col("pattern").replace_strict(number, return_dtype=pl.Int64)).sort(
            "number", maintain_order=True
        )
        each = rows.group_by("number", maintain_order=True).agg(
            pl.col("latin_start", "latin_end").first(),
            pl.col("negatable").any(),
            pl.col("bytes").first().cast(pl.UInt32),
            held=pl.len().cast(pl.Int64),
        )
        none = [False] * len(REVERSERS)
        self._automaton = Automaton(
            [*self.patterns, *REVERSERS],
            begins=[*each["latin_start"], *none],
            ends=[*each["latin_end"], *none],
            marks=[False] * each.height + [True] * len(REVERSERS),
        )
        self._negatable = each["negatable"].to_numpy()
        self._sizes = each["bytes"].to_numpy()
        self._held = each["held"].to_numpy()
        self._first = np.cumsum(self._held) - self._held
        self._flags = {name: rows[name].to_numpy() for name in _FLAGS}
        self._rows = rows.select("code", "value", "rank", "role", pl.col("bytes").cast(pl.UInt32))

    def find(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Every meaning of every place that fits the language of its text and is not taken back.

        Parameters
        ----------
        rows : (N,) pl.DataFrame
            ``row`` (unique), ``lang``, ``normal``.

        Returns
        -------
        pl.DataFrame
            ``row, code, value, rank, role, start, end``; start and end are byte offsets into the normal form.

        Notes
        -----
        O(bytes + places); texts without a negator or reverser are not looked at for one.
        """
        places = self._automaton.places(rows["normal"])
        place, meaning = self._meanings(places)
        text = places.text[place]
        counts = self._spoken(rows["lang"], text, meaning)
        counts &= ~(self._flags["negatable"][meaning] & self._taken_back(rows["normal"], places)[place])
        text, start, meaning = text[counts], places.start[place][counts], meaning[counts]
        said = self._rows[pl.Series(meaning)].with_columns(row=rows["row"].gather(text), start=start)
        return said.select("row", "code", "value", "rank", "role", "start", end=pl.col("start") + pl.col("bytes"))

    def _meanings(self, places: Places) -> tuple[Ints, Ints]:
        """A pattern may be a term of several decisions: each place as often as it means something, and the row of what it means."""
        held = self._held[places.pattern]
        place = np.repeat(np.arange(held.size), held)
        nth = np.arange(place.size) - (np.cumsum(held) - held)[place]
        return place, self._first[places.pattern[place]] + nth

    def _spoken(self, lang: pl.Series, text: npt.NDArray[np.uint32], meaning: Ints) -> npt.NDArray[np.bool_]:
        """Whether a term is one of the language of its text; texts of mixed or no language take terms of any."""
        any_terms, zh, en = (lang.is_in(names).fill_null(value=False).to_numpy() for names in (_ANY_TERMS, ("zh",), ("en",)))
        return np.asarray(any_terms[text] | (zh[text] & self._flags["for_zh"][meaning]) | (en[text] & self._flags["for_en"][meaning]))

    def _taken_back(self, normal: pl.Series, places: Places) -> npt.NDArray[np.bool_]:
        found = np.zeros(places.text.size, np.bool_)
        looked_at = np.flatnonzero(self._negatable[places.pattern] & places.marked[places.text])
        start, size = places.start[looked_at], self._sizes[places.pattern[looked_at]]
        around = pl.DataFrame({"normal": normal.gather(places.text[looked_at]), "start": start, "end": start + size})
        found[looked_at] = taken_back(around).to_numpy()
        return found
