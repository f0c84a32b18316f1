"""Posts by their addresses: which platform a URL leads to, and the id of the video or post there. Nothing is opened."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from yuhu.sources.metric_names import CHINESE, platform_named

PLATFORMS = CHINESE | {"youtube", "tiktok", "x", "instagram", "facebook", "niconico", "vimeo", "threads", "reddit"}

_SHAPES: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (platform, fork, re.compile(pattern))
    for platform, fork, pattern in (
        ("bilibili", "video", r"(?:^|\.)bilibili\.com/(?:s/)?video/(BV[0-9A-Za-z]{10}|av\d+)"),
        ("bilibili", "post", r"(?:^|\.)bilibili\.com/(?:opus|dynamic)/(\d+)"),
        ("bilibili", "post", r"^t\.bilibili\.com/(\d+)"),
        ("douyin", "video", r"(?:^|\.)(?:ies)?douyin\.com/(?:share/)?(?:video|note|slides)/(\d{10,25})"),
        ("youtube", "video", r"(?:^|\.)youtube(?:-nocookie)?\.com/(?:shorts|live|embed|v)/([A-Za-z0-9_-]{11})"),
        ("youtube", "video", r"^youtu\.be/([A-Za-z0-9_-]{11})"),
        ("tiktok", "video", r"(?:^|\.)tiktok\.com/[^/]+/(?:video|photo)/(\d{10,25})"),
        ("tiktok", "video", r"(?:^|\.)tiktok\.com/(?:v|embed/v2|embed)/(\d{10,25})"),
        ("weibo", "post", r"^m\.weibo\.c(?:n|om)/(?:status|detail)/([0-9A-Za-z]{6,24})"),
        ("weibo", "post", r"(?:^|\.)weibo\.com/detail/([0-9A-Za-z]{6,24})"),
        ("weibo", "post", r"(?:^|\.)weibo\.c(?:om|n)/(?:u/)?(?:\d{5,}|person_[0-9a-f]{8})/([0-9A-Za-z]{6,24})"),
        ("xiaohongshu", "post", r"(?:^|\.)xiaohongshu\.com/(?:explore|discovery/item)/([0-9a-f]{24})"),
        ("xiaohongshu", "post", r"(?:^|\.)xiaohongshu\.com/user/profile/[^/]+/([0-9a-f]{24})"),
        ("kuaishou", "video", r"(?:^|\.)kuaishou\.com/(?:short-video|fw/photo)/([0-9A-Za-z_-]{6,32})"),
        ("niconico", "video", r"(?:^|\.)nicovideo\.jp/watch/([a-z]{2}\d+)"),
        ("niconico", "video", r"^nico\.ms/([a-z]{2}\d+)"),
        ("x", "post", r"(?:^|\.)(?:twitter|x)\.com/[^/]+/status(?:es)?/(\d+)"),
        ("instagram", "post", r"(?:^|\.)instagram\.com/(?:[^/]+/)?(?:p|reel|reels|tv)/([A-Za-z0-9_-]{5,20})"),
        ("zhihu", "post", r"(?:^|\.)zhihu\.com/(?:question/\d+/)?(?:answer|zvideo)/(\d+)"),
    )
)
_QUERIES = (("youtube", "youtube.com/watch", "v"), ("douyin", "douyin.com/", "modal_id"))
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_BARE = re.compile(
    r"(?:www\.|m\.)?(?:bilibili\.com|douyin\.com|youtube\.com|youtu\.be|tiktok\.com|weibo\.c(?:om|n)|xiaohongshu\.com|kuaishou\.com|twitter\.com|x\.com|b23\.tv)/"
)
_BV = re.compile(r"BV[0-9A-Za-z]{10}(?:_p\d+)?")
_FORKED = re.compile(r"[a-z][a-z_]{1,20}:\S+")
_TRACKING = re.compile(
    r"utm_|share|spm|token|xsec|vd_source|sec_u|(?:user|u|uid|uname|author|account|nick|did|device|session|sid|cookie|from|timestamp|ts|buvid|mid|fbclid|igsh|si)(?:_|id|$)",
    re.IGNORECASE,
)
_LONGEST = 2048


@dataclass(frozen=True)
class Address:
    """A post as a link names it.

    ``platform`` is empty where nobody tells; ``name`` is ``video:ID``, ``fork:ID`` or ``url:…``.
    """

    platform: str
    name: str

    @property
    def text(self) -> str:
        """The address as `address` reads it again, without the names of people that a URL may hold."""
        if not self.platform:
            return self.name
        return f"{self.platform}:{self.name.removeprefix('video:')}"


def is_url(text: str) -> bool:
    """Whether a text is an address of the web, with its scheme or of a platform that is known without it."""
    return bool(_SCHEME.match(text) or _BARE.match(text[:60].lower()))


def address(text: str) -> Address | None:
    """What a cell of a table of links names: an address, ``platform:id``, ``fork:id``, or an id; None for nothing."""
    text = text.strip()[:_LONGEST]
    if not text or any(char.isspace() for char in text):
        return None
    if is_url(text):
        return _of_url(_SCHEME.sub("", text, count=1))
    first, _, rest = text.partition(":")
    platform = platform_named(first) or ""
    if rest and platform in PLATFORMS:
        return Address(platform, rest if _FORKED.fullmatch(rest) else f"video:{rest}")
    if _FORKED.fullmatch(text):
        return Address("", text)
    return Address("bilibili" if _BV.fullmatch(text) else "", f"video:{text.replace(':', '-')}")


def _of_url(text: str) -> Address:
    try:
        parts = urlsplit("//" + text)
        host = parts.hostname or ""
        query = parse_qsl(parts.query, max_num_fields=50)
    except ValueError:
        return Address("", f"url:{text.partition('?')[0]}")
    place = host.removeprefix("www.") + parts.path
    for platform, fork, shape in _SHAPES:
        if found := shape.search(place):
            return Address(platform, f"{fork}:{found.group(1)}")
    for platform, start, key in _QUERIES:
        value = next((value for name, value in query if name == key), "")
        if start in place + "/" and re.fullmatch(r"[A-Za-z0-9_-]{6,25}", value):
            return Address(platform, f"video:{value}")
    kept = urlencode([(name, value) for name, value in query if not _TRACKING.match(name)])
    return Address("", f"url:{place}{f'?{kept}' if kept else ''}")
