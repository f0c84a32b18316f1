"""Reading a file again from its raw copy, and hostile records: shared by tests of record importers."""

import polars as pl
from hypothesis import strategies as st

from reading import read, table
from yuhu.core.contracts import DRAFTS, Facts, Origin, Raw
from yuhu.sources.json_records import parsed
from yuhu.study.pseudonyms import KEY, Pseudonyms
from yuhu.study.scrub import Scrubber

SECRET = Pseudonyms(b"a secret of 16 bytes and more")
PEOPLE = {"responses": "author", "videos": "author", "metrics": "account"}
MASKED = {"responses": ("text",), "videos": ("title", "description")}


def raw_copy(path, **said):
    """The raw copy of a file: text of each record without people, by place, with the platform of each batch."""
    importer, batches, facts = read(path, **said)
    copies = []
    for batch in batches:
        texts = Scrubber(SECRET, importer.personal, batch.raw.platform).texts(batch.raw)
        copies.append(Raw(batch.raw.places, [parsed(text.encode()) for text in texts], batch.raw.platform))
    return importer, batches, facts, copies


def assert_maps_again(path, **said):
    """The raw copy gives the same rows as the file, with keys for people; returns the copy as one text."""
    importer, batches, facts, copies = raw_copy(path, **said)
    fresh = Facts(platform=facts.platform, what=facts.what, context=dict(facts.context), video_from=facts.video_from)
    again = list(importer.again(iter(copies), Origin(path, **said), fresh))
    assert sum(batch.kept for batch in again) == sum(batch.kept for batch in batches)
    for name in DRAFTS:
        assert _keyed(table(again, name), name).rows() == _keyed(table(batches, name), name).rows(), name
    return "\n".join(str(record) for copy in copies for record in copy.records)


def _keyed(frame, name):
    column = PEOPLE.get(name)
    if column is not None:
        keys = [
            who if who is None or who.startswith(KEY) else KEY + SECRET.keys(platform, [who])[0]
            for platform, who in frame.select("platform", column).rows()
        ]
        frame = frame.with_columns(pl.Series(column, keys, dtype=pl.String))
    return frame.with_columns(SECRET.mask_column(frame[masked]) for masked in MASKED.get(name, ()))


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["", "0", "root", "key:00", "\ud800", "1.2万", "<br>&amp;", "//@a:b", "PT1S", "9" * 400, "2023-08-30T00:00:00Z", "Wed"]
    )
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4), max_leaves=12
)
"""Any value that JSON may hold."""


@st.composite
def broken_up(draw, record, times=3):
    """A record of which some fields, at any depth, hold anything."""
    made = _copied(record)
    for _ in range(draw(st.integers(1, times))):
        paths = list(_paths(made, ()))
        path = draw(st.sampled_from(paths))
        made = _with(made, path, draw(ANYTHING))
    return made


def _copied(value):
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _paths(value, above):
    if above:
        yield above
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _paths(one, (*above, key))


def _with(value, path, new):
    if not path:
        return new
    made = dict(value) if isinstance(value, dict) else list(value)
    made[path[0]] = _with(value[path[0]], path[1:], new)
    return made
