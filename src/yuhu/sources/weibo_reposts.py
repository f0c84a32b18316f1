"""Weibo: who reposted a post from whom, from repost pages or the statuses in them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from yuhu.core.clock import wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.sources.hypertext import plain
from yuhu.sources.json_records import Broken, dig, json_records
from yuhu.sources.reading import as_text, clean, whole
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.weibo import PLATFORM, ZONE, region

SILENT = "转发微博"
"""What Weibo writes where a person reposts without a word."""

_PEOPLE = ("id", "idstr", "_id", "screen_name")
_TEXTS = ("text_raw", "raw_text")
_IDS = ("id", "idstr", "mid", "mblogid", "bid")
_COUNTS = {"reposts_count": "reposts", "comments_count": "comments", "attitudes_count": "likes"}
_CHAIN = re.compile(r"//\s*[@＠]")
_PERSON_LINK = re.compile(r"<a\b[^>]*>\s*([@＠][^<]*)</a>", re.IGNORECASE)
_HTML = re.compile(r"<(?:a|br|span|img)\b", re.IGNORECASE)
_MORE = re.compile(r"<a\b[^>]*>(?:全文|展开)</a>")
_DROPPED = (
    "page_info url_struct topic_struct tag_struct pics pic_infos pic_ids pic_focus_point annotations buttons title title_source fid cardid picStatus "
    "customIcons extern_safe number_display_strategy comment_manage_info visible darwin_tags common_struct screen_name_suffix_new rid analysis_extra"
)
"""Of a status: pictures, cards and layout; some name people in places of their own."""


@dataclass
class _Pages:
    """What pages say of their root posts: the platform's total, and how many reposts are here."""

    totals: dict[str, int] = field(default_factory=dict)
    here: dict[str, set[str]] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)

    def met(self, root: str, native: str, total: int | None) -> None:
        self.here.setdefault(root, set()).add(native)
        if total is not None:
            self.totals[root] = max(total, self.totals.get(root, 0))

    def tell(self, facts: Facts) -> None:
        here = missing = 0
        for root, total in self.totals.items():
            facts.expect("repost", total, root=f"post:{root}")
            here += len(self.here[root])
            missing += max(total - len(self.here[root]), 0)
        if missing:
            facts.truncated(
                f"{here:,} of {here + missing:,} reposts are here, by the platform's own count: it lists fewer than it counts, and pages may be missing"
            )
        if self.gone - self.shown:
            facts.notes.append(f"{len(self.gone - self.shown):,} root posts are no longer shown by the platform")


class WeiboReposts(RecordImporter):
    """Pages ``{"ok": 1, "data": {"data": […], "total_number": N}}`` or ``{"ok": 1, "data": […], "total_number": N}``, or statuses alone.

    A record is a repost, or the root post that it carries along, once.
    """

    name = "weibo_reposts_json.v1"
    label: Mapping[str, str] = {"en": "Weibo reposts, JSON", "zh": "微博转发 JSON"}
    what = "reposts"
    platform = PLATFORM
    personal = Personal(
        author=tuple(f"{above}user.{name}" for above in ("", "retweeted_status.") for name in _PEOPLE),
        drop=tuple(_DROPPED.split()),
    )

    def sniff(self, head: Head) -> float:
        """``retweeted_status`` (or ``pid``) beside the counts of a Weibo status."""
        start = head.text
        if head.mapped or not re.match(r"\s*[\[{]", start) or '"created_at"' not in start:
            return 0.0
        is_status = '"attitudes_count"' in start or '"reposts_count"' in start or '"mblogid"' in start
        is_repost = '"retweeted_status"' in start or re.search(r'"pid"\s*:\s*"?\d{15,17}\b', start)
        others = '"comment_user"' in start or '"root_post_mblogid"' in start
        return 0.93 if is_status and is_repost and not others else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Reposts of all pages, and before the first of each the root post.

        Raises
        ------
        YuhuError
            YH106 no JSON; YH110 larger than memory allows.
        """
        facts.video_from = "--video" if origin.video else ""
        pages = _Pages()
        for place, page in json_records(origin):
            items, total = _page(page)
            if items is None:
                yield from _with_root(place, page, None, pages)
                continue
            for at, item in enumerate(items, start=1):
                yield from _with_root(f"{place}, item {at}", item, total, pages)
        pages.tell(facts)

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A repost with its link, or a root post; their counts."""
        native = _id(record)
        if native is None:
            return "no id"
        if as_text(record.get("deleted")) == "1":
            return "deleted: a notice of the platform stands in its place"
        root_post, above = record.get("retweeted_status"), as_text(record.get("pid"))
        root = _id(root_post) if isinstance(root_post, dict) else None
        above = None if above in {"0", native} else above
        parent = above or root
        text, is_chained = _own_words(record)
        if not text and not parent:
            return "no text"
        sent = wall_ms(record.get("created_at"), reading.origin.tz or ZONE)
        _note(record, sent, is_chained and above is None and root is not None, reading)
        who, owner = _person(record.get("user")), _person(dig(record, "retweeted_status.user"))
        actor = "creator" if who is not None and who == owner else None
        reading.rows.response(
            platform=PLATFORM,
            fork="post",
            native=native,
            kind="repost" if parent else "post",
            text=text or SILENT,
            sent_at=sent,
            sent_at_precision_s=None if sent is None else 1,
            author=who,
            actor=actor,
            parent=f"post:{parent}" if parent else None,
            root=f"post:{root or parent or native}",
            likes=whole(record.get("attitudes_count")),
            region=region(record.get("region_name")),
        )
        if parent:
            reading.rows.add(
                "links", platform=PLATFORM, node=f"post:{native}", parent=f"post:{parent}", kind="repost", actor=actor, sent_at=sent
            )
        _counts(record, native, who, reading)
        return None

    def finish(self, reading: Reading) -> None:
        """How much of the tree is a guess, and what is not in the file."""
        for key, message in _NOTES.items():
            if number := reading.state.get(key):
                reading.facts.notes.append(message.format(f"{number:,}"))


_NOTES = {
    "unresolved": "{} reposts repeat another repost that the file does not name (no pid): they are linked to the root post, so the tree is too flat",
    "cut": "{} texts are cut by the platform (long posts, whose whole text is not in the file)",
    "timeless": "{} times were not understood and are unknown",
}


def _page(page: Any) -> tuple[list[Any] | None, int | None]:
    """The statuses of a page and the platform's total of reposts; None for what is no page."""
    if not isinstance(page, dict):
        return None, None
    data = page.get("data")
    if isinstance(data, dict) and isinstance(data.get("data"), list):
        return data["data"], whole(data.get("total_number"))
    if isinstance(data, list):
        return data, whole(page.get("total_number"))
    return None, None


def _with_root(place: str, status: Any, total: int | None, pages: _Pages) -> Iterator[tuple[str, Any]]:
    """A repost; before it the root post where it is met for the first time."""
    if not isinstance(status, dict):
        yield place, status
        return
    native = _id(status)
    if native is None and "ok" in status:
        yield place, Broken("a page without statuses", b"page")
        return
    root = status.get("retweeted_status")
    root_id = _id(root) if isinstance(root, dict) else None
    if isinstance(root, dict) and root_id is not None:
        if _is_gone(root):
            pages.gone.add(root_id)
        elif root_id not in pages.shown:
            pages.shown.add(root_id)
            yield f"{place}, root post", _readable(root)
        if native is not None:
            pages.met(root_id, native, total if total is not None else whole(root.get("reposts_count")))
        status = {**status, "retweeted_status": {key: root[key] for key in (*_IDS, "user") if key in root}}
    yield place, _readable(status)


def _readable(status: dict[str, Any]) -> dict[str, Any]:
    """The status with links to people's pages undone: their addresses hold names."""
    text, long = status.get("text"), status.get("longText")
    undone: dict[str, Any] = {"text": _PERSON_LINK.sub(r"\1", text)} if isinstance(text, str) else {}
    if isinstance(long, dict) and isinstance(content := long.get("longTextContent"), str):
        undone["longText"] = {**long, "longTextContent": _PERSON_LINK.sub(r"\1", content)}
    return {**status, **undone}


def _is_gone(root: Mapping[str, Any]) -> bool:
    """Whether Weibo shows a root post no more: then it says so in place of its text, and names nobody."""
    return as_text(root.get("deleted")) not in {None, "0"} or not isinstance(root.get("user"), dict)


def _id(status: Mapping[str, Any]) -> str | None:
    return next((found for name in _IDS if (found := as_text(status.get(name)))), None)


def _person(user: object) -> str | None:
    return next((who for name in _PEOPLE if (who := as_text(user.get(name)))), None) if isinstance(user, dict) else None


def _words(status: Mapping[str, Any]) -> str:
    long = dig(status, "longText.longTextContent")
    if isinstance(long, str) and clean(long):
        return plain(long) if _HTML.search(long) else long
    for found in (status.get(name) for name in _TEXTS):
        if isinstance(found, str) and clean(found):
            return found
    text = status.get("text")
    return plain(_MORE.sub("", text)) if isinstance(text, str) else ""


def _own_words(status: Mapping[str, Any]) -> tuple[str, bool]:
    """What the person added, without what is repeated behind ``//@name:``; and whether something is."""
    words = _words(status)
    chain = _CHAIN.search(words)
    return clean(words[: chain.start()] if chain else words), chain is not None


def _note(status: Mapping[str, Any], sent: int | None, is_unresolved: bool, reading: Reading) -> None:
    cut = status.get("isLongText") is True and not isinstance(dig(status, "longText.longTextContent"), str)
    for key, holds in (("unresolved", is_unresolved), ("timeless", sent is None and bool(status.get("created_at"))), ("cut", cut)):
        if holds:
            reading.state[key] = reading.state.get(key, 0) + 1


def _counts(status: Mapping[str, Any], native: str, who: str | None, reading: Reading) -> None:
    """Counts of the post and followers of its author, at the time that the person said: the file does not tell it."""
    at = wall_ms(reading.origin.exported_at, "UTC")
    values = {name: whole(status.get(key)) for key, name in _COUNTS.items()}
    reading.rows.metrics(at, values, platform=PLATFORM, response=f"post:{native}")
    followers = dig(status, "user.followers_count")
    if who is not None and isinstance(followers, int):
        reading.rows.metrics(at, {"followers": whole(followers)}, platform=PLATFORM, account=who)
