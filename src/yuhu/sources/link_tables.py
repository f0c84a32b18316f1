"""Tables of links: which post repeats, remixes, dubs or reports which other one, into ``links``."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.core.errors import YuhuError
from yuhu.sources.addresses import Address, address, is_url
from yuhu.sources.flat import cell, column, columns_of, flat
from yuhu.sources.metric_names import CHINESE, platform_named
from yuhu.sources.reading import as_text
from yuhu.sources.records import Reading, RecordImporter

_PAIRS = (
    ("node", "parent"),
    ("node id", "parent id"),
    ("source", "target"),
    ("source id", "target id"),
    ("source url", "target url"),
    ("from", "to"),
    ("from id", "to id"),
    ("from url", "to url"),
    ("child", "parent"),
    ("post", "parent"),
    ("repost", "original"),
    ("derivative", "original"),
    ("remix", "original"),
    ("post url", "original url"),
    ("url", "original url"),
    ("二创", "原作"),
    ("衍生视频", "原视频"),
    ("衍生作品", "原作品"),
    ("转发", "原帖"),
    ("子节点", "父节点"),
    ("来源", "目标"),
    ("节点", "上级"),
)
_ROLES = {
    "kind": ("kind", "type", "relation", "link type", "edge type", "label", "类型", "关系", "形式"),
    "time": ("sent at", "time", "date", "created at", "published at", "timestamp", "publish time", "时间", "日期", "发布时间"),
    "platform": ("platform", "平台"),
    "node platform": ("node platform", "source platform", "from platform", "来源平台"),
    "parent platform": ("parent platform", "target platform", "to platform", "目标平台"),
    "actor": ("actor", "role", "actor kind", "行动者", "角色"),
    "video": ("video", "video id"),
}
_KINDS = {
    "转发": "repost",
    "转载": "repost",
    "搬运": "reupload",
    "二创": "remix",
    "二次创作": "remix",
    "改编": "remix",
    "混剪": "remix",
    "剪辑": "remix",
    "配音": "dub",
    "翻配": "dub",
    "新闻": "news",
    "报道": "news",
    "合拍": "duet",
    "拼接": "stitch",
    "引用": "quote",
    "反应": "reaction",
    "翻唱": "cover",
    "翻拍": "remake",
    "解说": "commentary",
    "评论": "commentary",
    "回应": "response",
    "retweet": "repost",
    "share": "repost",
    "forward": "repost",
}
_MESSAGES = frozenset(("text", "content", "body", "comment", "message", "subject", "评论内容", "内容"))
_KIND = re.compile(r"[^\W_][\w -]{0,40}")
_NAIVE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")


class LinkTable(RecordImporter):
    """A table with two columns of posts: the first derives from the second (it repeats, remixes, dubs, quotes or reports it).

    Posts are addresses of known platforms, ``platform:id``, ``fork:id`` or ids of videos. One on another platform than its row is written with its
    complete id: ``id:PLATFORM:ID`` for a video, ``PLATFORM:-:fork:ID`` for a post.
    """

    name = "link_table.v1"
    label: Mapping[str, str] = {"en": "links between posts, table", "zh": "作品之间的联系表"}
    what = "links"
    personal = Personal()

    def sniff(self, head: Head) -> float:
        """Two columns of a known pair, and no text of a message."""
        columns = columns_of(head, "links", "edges")
        if not columns or set(columns) & _MESSAGES or len(columns) > 30 or _pair(columns) is None:
            return 0.0
        return 0.7 if len(columns) == 2 or any(column(columns, *names) for names in _ROLES.values()) else 0.4

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Each row of the table; of a JSON document, each of its ``links`` or ``edges``.

        Raises
        ------
        YuhuError
            YH102 no pair of columns; YH106 not readable; YH107 naive times without a zone.
        """
        table = flat(origin, "links", "edges")
        found = list(table.records)
        pair = _pair(table.columns)
        if pair is None:
            facts_of = {"file": origin.name, "found": ", ".join(table.columns[:12])}
            raise YuhuError("YH102", "links need two columns of posts", facts=facts_of, fix="call them `node` and `parent`")
        context = facts.context
        context.update(node=pair[0], parent=pair[1])
        for role, names in _ROLES.items():
            name = column([one for one in table.columns if one not in pair], *names)
            if name is not None:
                context[f"column of {role}"] = name
        facts.platform = origin.platform or "links"
        facts.notes.append(f"a post in `{pair[0]}` is taken to derive from the one in `{pair[1]}`")
        for place, record in found:
            if isinstance(record, dict):
                _check_zone(record, origin, context)
                yield place, _without_people(record, context)
            else:
                yield place, record

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A link between two posts."""
        context, origin = reading.facts.context, reading.origin
        node, parent = _end(record, context, "node"), _end(record, context, "parent")
        if node is None or parent is None:
            return "one of the posts is missing"
        if node == parent:
            return "a post cannot derive from itself"
        own = origin.platform or _said(record, context, "platform") or node.platform or parent.platform or "links"
        time = cell(record, context.get("column of time"))
        reading.rows.add(
            "links",
            platform=own,
            video=origin.video or as_text(cell(record, context.get("column of video"))),
            node=_complete(node, own),
            parent=_complete(parent, own),
            kind=_kind(as_text(cell(record, context.get("column of kind")))),
            actor=_actor(as_text(cell(record, context.get("column of actor")))),
            sent_at=wall_ms(time, _zone(record, origin, context) or "UTC"),
        )
        return None


def _pair(columns: list[str]) -> tuple[str, str] | None:
    for first, second in _PAIRS:
        node, parent = column(columns, first), column(columns, second)
        if node is not None and parent is not None:
            return node, parent
    return None


def _without_people(record: dict[str, Any], context: Mapping[str, str]) -> dict[str, Any]:
    """The record with addresses of posts cut down to what they name: an address often holds the name of its author."""
    ends = {
        context[role]: found.text
        for role in ("node", "parent")
        if _is_url(record, context, role) and (found := _end(record, context, role))
    }
    return {**record, **ends}


def _text_of(record: Mapping[str, Any], context: Mapping[str, str], role: str) -> str | None:
    """What one end of a link says: a text, or an object with an address or id."""
    value = cell(record, context.get(role))
    return as_text(value.get("url") or value.get("id") if isinstance(value, dict) else value)


def _is_url(record: Mapping[str, Any], context: Mapping[str, str], role: str) -> bool:
    text = _text_of(record, context, role)
    return text is not None and is_url(text)


def _end(record: Mapping[str, Any], context: Mapping[str, str], role: str) -> Address | None:
    text = _text_of(record, context, role)
    found = address(text) if text else None
    platform = _said(record, context, f"{role} platform")
    return Address(platform, found.name) if found is not None and platform and not found.platform else found


def _said(record: Mapping[str, Any], context: Mapping[str, str], role: str) -> str:
    return platform_named(as_text(cell(record, context.get(f"column of {role}")))) or ""


def _complete(end: Address, platform: str) -> str:
    """The end as the row's platform knows it; of another platform, its complete id."""
    if end.platform in {"", platform} or end.name.startswith("url:"):
        return end.name
    fork, _, native = end.name.partition(":")
    return f"id:{end.platform}:{native}" if fork == "video" else f"{end.platform}:-:{end.name}"


def _kind(text: str | None) -> str:
    if text is None:
        return "link"
    name = text.strip().lower()
    return _KINDS.get(name) or (name if _KIND.fullmatch(name) else "link")


def _actor(text: str | None) -> str | None:
    return text.lower() if text else None


def _zone(record: Mapping[str, Any], origin: Origin, context: Mapping[str, str]) -> str | None:
    if origin.tz:
        return origin.tz
    node, parent = _end(record, context, "node"), _end(record, context, "parent")
    platform = (
        origin.platform or _said(record, context, "platform") or (node.platform if node else "") or (parent.platform if parent else "")
    )
    return "Asia/Shanghai" if platform in CHINESE else None


def _check_zone(record: Mapping[str, Any], origin: Origin, context: Mapping[str, str]) -> None:
    value = cell(record, context.get("column of time"))
    if isinstance(value, str) and _NAIVE.fullmatch(value.strip()) and _zone(record, origin, context) is None:
        raise YuhuError(
            "YH107",
            "times stand without a zone",
            facts={"file": origin.name, "found": value[:40]},
            fix="--tz Asia/Shanghai (or the zone of the collector)",
        )
