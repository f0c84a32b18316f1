"""What a browser was shown of a platform: videos, posts and comments in one form, whatever file they come from, and the rows that they give."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from yuhu.core.clock import iso_utc, wall_ms
from yuhu.sources.reading import as_text, clean, whole
from yuhu.sources.records import Reading
from yuhu.sources.threads import Threads

NO_ID = "no id"
NO_TEXT = "no text"
LIVE = "a live stream"
AD = "an advertisement"
WHY = {"older": "an older capture of the same item", "partial": "a partial capture of the same item"}
"""Why a capture is not kept; its counts are."""

SHOWN = "what one browser was shown: chosen by the platform for one person, no sample of the platform"
UNFOLDED = "only what was unfolded on the page is captured"
MOST_TOTALS = 10_000
"""Totals of comments that are noted one by one; beyond, the metrics have them."""

_UNDEFINED = "$undefined"
_NOTES = {
    "timeless": "{} items do not say when they were captured, so their counts are left out; --exported-at gives them a time",
    "undated": "{} items have no unix_timestamp; their timestamp is in the zone of a server that nobody names: --tz says it",
    "duet": "{} videos are duets with a video that the file does not name",
    "repost": "{} reposts repeat a post that the file does not name",
    "mix": "{} videos were listed in a collection, and not necessarily shown",
    "ad": "{} items are advertisements or promoted",
    "pinned": "{} comments are pinned",
    "liked": "{} comments are marked as liked by the video's author",
    "partial": "{} items were captured in part only: a tile or a stub of the page, without all of their text, time or counts",
    "film": "{} notes are videos; their comments stand below the note",
    "flat": "{} comments: the file does not tell replies from comments",
}


@dataclass(frozen=True)
class Item:
    """Something that was captured; ``author`` as the platform's id, ``sent`` in epoch ms, ``links`` as kind and node.

    ``flags`` are keys of notes under which the item is counted.
    """

    platform: str
    native: str
    text: str = ""
    author: str | None = None
    sent: int | None = None
    counts: Mapping[str, int | None] = field(default_factory=dict)
    followers: int | None = None
    links: Sequence[tuple[str, str]] = ()
    flags: Sequence[str] = ()

    @property
    def key(self) -> str:
        """Captures of the same item have the same key."""
        return f"{self.platform}:{self.native}"

    @property
    def node(self) -> str:
        """The item as a node of links."""
        return f"video:{self.native}"

    @property
    def is_partial(self) -> bool:
        """Whether a whole capture of the item is to be preferred, even if it is older."""
        return "partial" in self.flags


@dataclass(frozen=True)
class Video(Item):
    """A video; ``text`` is its caption."""

    title: str | None = None
    duration_ms: int | None = None
    aliases: Sequence[str] = ()


@dataclass(frozen=True)
class Message(Item):
    """A post, or a comment below a video or a post.

    ``answers`` is the message that it answers or repeats, ``thread`` the first message of its thread, ``counted`` the message to which its
    counts belong if it is another one; all are ids of the same fork. ``caption`` is what the file says of the video.
    """

    fork: str = "post"
    kind: str = "post"
    video: str | None = None
    post: str | None = None
    answers: str | None = None
    thread: str | None = None
    counted: str | None = None
    actor: str | None = None
    lang: str | None = None
    region: str | None = None
    caption: str = ""

    @property
    def key(self) -> str:
        """Captures of the same item have the same key."""
        return f"{self.platform}:{'comment:' if self.fork == 'comment' else ''}{self.native}"

    @property
    def node(self) -> str:
        """The item as a node of links."""
        return f"{self.fork}:{self.native}"


class Captures:
    """Which of several captures of an item is kept: the latest of those that are whole, else the latest."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[tuple[bool, int, int], str]] = {}
        self._repeated: dict[str, list[tuple[tuple[bool, int, int], str]]] = {}
        self._met = 0

    def met(self, item: Item, at: int | None, place: str) -> None:
        """Take note of a capture."""
        self._met += 1
        one = ((not item.is_partial, at or 0, self._met), place)
        if (first := self._first.setdefault(item.key, one)) is not one:
            self._repeated.setdefault(item.key, [first]).append(one)

    def marks(self) -> dict[str, str]:
        """For items that were captured more than once, by place: ``latest`` (kept), ``older`` or ``partial``."""
        marks = {}
        for captures in self._repeated.values():
            best = max(captures)
            for one in captures:
                is_whole = one[0][0] or not best[0][0]
                marks[one[1]] = "latest" if one is best else "older" if is_whole else "partial"
        return marks


def words(value: object) -> str:
    """A text; empty for anything else, and for what a page calls undefined."""
    return clean(value) if isinstance(value, str) and value != _UNDEFINED else ""


def named(*values: object) -> str | None:
    """The first of some values that is an id or a name."""
    for value in values:
        if value is not None and (text := as_text(value)) is not None and text != _UNDEFINED:
            return text
    return None


def count(*values: object) -> int | None:
    """The first of some values that is a count; ``10+`` and ``1.2万+`` are what pages show of larger ones."""
    for value in values:
        if isinstance(value, str):
            text = value.strip().removesuffix("+")
            value = f"{text.removesuffix('千')}k" if text.endswith("千") else text  # noqa: PLW2901 - the same count, spelled as `whole` reads it
        if (number := whole(value)) is not None:
            return number
    return None


def put(item: Item, at: int | None, capture: str | None, reading: Reading) -> str | None:
    """Add the rows of an item captured at a time, or say why it is not kept; counts of captures that are not kept stay, as a time series."""
    state = reading.state
    if at is not None:
        state["captured"] = max(at, state.get("captured", at))
    else:
        at = wall_ms(reading.origin.exported_at, "UTC") or wall_ms(reading.facts.context.get("taken"), "UTC")
        if at is None and any(value is not None for value in item.counts.values()):
            tally(reading, "timeless")
    _counts(item, at, capture, reading)
    if capture in WHY:
        return WHY[capture]
    for flag in item.flags:
        tally(reading, flag)
    if isinstance(item, Message):
        _message(item, reading)
    elif isinstance(item, Video):
        _video(item, reading)
    for kind, parent in item.links:
        where = {"platform": item.platform, "video": getattr(item, "video", None)}
        reading.rows.add("links", **where, node=item.node, parent=parent, kind=kind, sent_at=item.sent)
    return None


def tally(reading: Reading, key: str) -> None:
    """Count what a note will speak of."""
    reading.state.setdefault("notes", Counter())[key] += 1


def tell(reading: Reading) -> None:
    """Say of the file what is known once all items were seen."""
    facts, state = reading.facts, reading.state
    kinds: dict[str, None] = state.get("kinds", {})
    facts.what = " and ".join(kinds) or facts.what
    facts.exported_at = facts.exported_at or iso_utc(state.get("captured"))
    facts.sort_order = "relevance" if kinds and "comments" not in kinds else "unknown"
    if "threads" in state:
        state["threads"].tell(facts, UNFOLDED)
    noted: Counter[str] = state.get("notes", Counter())
    facts.notes += [SHOWN, *(message.format(f"{noted[key]:,}") for key, message in _NOTES.items() if noted[key])]


def _counts(item: Item, at: int | None, capture: str | None, reading: Reading) -> None:
    """Counts as metrics; those of comments only where there are several captures, since one is what the comment itself says."""
    if isinstance(item, Message):
        if item.fork != "comment" or capture is not None:
            subject = f"{item.fork}:{item.counted or item.native}"
            reading.rows.metrics(at, item.counts, platform=item.platform, video=item.video, response=subject)
    else:
        reading.rows.metrics(at, item.counts, platform=item.platform, video=item.native)
    if item.author is not None:
        reading.rows.metrics(at, {"followers": item.followers}, platform=item.platform, account=item.author)


def _video(item: Video, reading: Reading) -> None:
    reading.state.setdefault("kinds", {})["videos"] = None
    reading.rows.video(
        platform=item.platform,
        video=item.native,
        title=item.title,
        description=item.text or None,
        author=item.author,
        aliases=list(item.aliases) or None,
        duration_ms=item.duration_ms,
        published_at=item.sent,
    )
    _expect(item, reading, video=reading.origin.video or item.native)


def _message(item: Message, reading: Reading) -> None:
    is_comment = item.fork == "comment"
    reading.state.setdefault("kinds", {})["comments" if is_comment else "posts"] = None
    above = f"post:{item.post}" if item.post else None
    thread = _thread(item, reading) if is_comment else item.thread or item.answers
    first = f"{item.fork}:{thread or item.native}"
    reading.rows.response(
        platform=item.platform,
        video=item.video,
        fork=item.fork,
        native=item.native,
        kind=item.kind,
        text=item.text,
        sent_at=item.sent,
        sent_at_precision_s=None if item.sent is None else 1,
        author=item.author,
        actor=item.actor,
        parent=f"{item.fork}:{item.answers}" if item.answers else above,
        root=above or first,
        likes=None if item.counted else item.counts.get("likes"),
        lang=item.lang,
        region=item.region,
    )
    if not is_comment:
        _expect(item, reading, root=f"post:{item.native}")
    _caption(item, reading)


def _expect(item: Item, reading: Reading, **where: str) -> None:
    """The platform's own total of an item's comments."""
    total = item.counts.get("comments")
    if total is not None and len(reading.facts.expected) < MOST_TOTALS:
        reading.facts.expect("comment", total, **where)


def _thread(item: Message, reading: Reading) -> str | None:
    """The first message of a comment's thread, which the file may name only by a chain of answers; and how long the thread is said to be."""
    roots: dict[str, str] = reading.state.setdefault("roots", {})
    threads: Threads = reading.state.setdefault("threads", Threads())
    if item.answers is None:
        threads.first(item.native, item.counts.get("replies"), reading.origin.video or item.video)
        return None
    thread = roots[item.native] = item.thread or roots.get(item.answers, item.answers)
    threads.reply(thread, item.native)
    return thread


def _caption(item: Message, reading: Reading) -> None:
    """What comments say of their video, once."""
    met: set[str] = reading.state.setdefault("captions", set())
    if item.video is not None and item.caption and item.video not in met:
        met.add(item.video)
        reading.rows.video(platform=item.platform, video=item.video, description=item.caption)
