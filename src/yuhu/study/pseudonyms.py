"""Author ids and @handles become keys before anything is written.

A key is an HMAC-SHA-256 under the study's secret. The same person on the same platform gets the same key within a study and unrelated
keys in two studies. Keys are pseudonymous, not anonymous: who holds the secret can test a guess.
"""

import hashlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.study.files import write_atomic
from yuhu.study.met_people import MetPeople

FILE = "secret.key"
VERSION = "pseudonyms.v2"
KEY = "key:"
"""Marks a key that stands where an id stood, in the raw copy."""

SURE_ID = re.compile(r"\d{8,}|[0-9a-f]{16,}|[A-Za-z0-9_-]{20,}")
"""What is the id of a person wherever it stands, and never a word."""

_KEY_DIGITS = 20
_BLOCK = 64
"""Bytes in a block of SHA-256."""

_REMEMBERED = 500_000
"""People of a platform whose keys are kept at hand."""

_HANDLE_DIGITS = 8
_MAIL = re.compile(r"[^\s<>@＠﹫:：,，。;；/]{1,64}[@＠﹫][\w-]+(?:\.[\w-]+)+")
_IN_HANDLE = r"[^\s@＠﹫:：,，。!！?？、;；()（）\[\]【】\"“”'‘’/\\<>|~]"
_HANDLE = re.compile(rf"[@＠﹫](?={_IN_HANDLE}*(?:[^\W\d_]|\d{{5}}))({_IN_HANDLE}+)")
_PROFILE = re.compile(
    r"((?:weibo\.c(?:om|n)/(?:u/|n/|profile/|(?=\d{5,}(?:[/?#\s]|$)))|space\.bilibili\.com/|douyin\.com/user/|xiaohongshu\.com/user/profile/|kuaishou\.com/profile/"
    r"|youtube\.com/(?:channel|user|c)/|facebook\.com/profile\.php\?id=|nicovideo\.jp/user/|tieba\.baidu\.com/home/main\?(?:id|un)=|zhihu\.com/people/))([^\s/?#&\"'<>]+)"
)
_OWN_PAGE = re.compile(
    r"((?:^|[/.\s])(?:twitter|x|instagram|threads)\.(?:com|net)/)(?!(?:p|reel|reels|explore|hashtag|search|i|home|stories|share|intent|tv)(?:[/?#]|$))([A-Za-z0-9_.]{2,})"
)
_PERSON = re.compile(r"^person_[0-9a-f]{8}")
_MAY_NAME = (
    r"[@＠﹫]|weibo\.c|space\.bilibili|/user/|/profile|youtube\.com/c|twitter\.com/|x\.com/|instagram\.com/|threads\.|tieba\.|/people/"
)
_MAY_NAME_RE = re.compile(_MAY_NAME)


class Pseudonyms:
    """Makes keys under one secret.

    Parameters
    ----------
    secret : bytes
        At least 16 bytes.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._starts: dict[str, tuple[Any, Any]] = {}
        self._met: dict[str, MetPeople] = {}

    def key(self, platform: str, person: str) -> str:
        """The key of a person on a platform: 20 hexadecimal digits (80 bits)."""
        return self._digest(f"author\x1f{platform}\x1f{person}")[:_KEY_DIGITS]

    def keys(self, platform: str, people: Iterable[str]) -> list[str]:
        """`key` of each person."""
        if platform not in self._starts:
            self._starts[platform] = self._begun(f"author\x1f{platform}\x1f")
        inner, outer = self._starts[platform]
        made = []
        for person in people:
            inside, outside = inner.copy(), outer.copy()
            inside.update(person.encode("utf-8", "surrogatepass"))
            outside.update(inside.digest())
            made.append(outside.hexdigest()[:_KEY_DIGITS])
        return made

    def key_column(self, platform: str, people: pl.Series) -> pl.Series:
        """`key` of each person of a column; null where there is none. People met before are not worked out again; two threads may call this."""
        met = self._met.get(platform, MetPeople())
        keys = met.keys_of(people)
        if keys.null_count() == people.null_count():
            return keys
        places = (keys.is_null() & people.is_not_null()).arg_true()
        rows = people.gather(places).alias("person")
        distinct = rows.unique(maintain_order=True)
        fresh = pl.DataFrame({"person": distinct, "key": pl.Series(self.keys(platform, distinct.to_list()), dtype=pl.String)})
        self._met[platform] = (met if len(met) < _REMEMBERED else MetPeople()).joined_by(fresh["person"], fresh["key"])
        return keys.scatter(places, rows.to_frame().join(fresh, on="person", how="left", maintain_order="left")["key"])

    def mask(self, text: str) -> str:
        """The text with each @handle, mail address and profile link as ``@person_k``; the same handle gets the same k."""
        if not _MAY_NAME_RE.search(text):
            return text
        text = _OWN_PAGE.sub(self._profile, _PROFILE.sub(self._profile, text))
        if not any(sign in text for sign in "@＠﹫"):
            return text
        return _HANDLE.sub(self._person, _MAIL.sub(self._mail, text))

    def mask_column(self, texts: pl.Series) -> pl.Series:
        """`mask` of each text; texts that hold no sign of a name are left without a look."""
        mentions = texts.str.contains(_MAY_NAME).fill_null(value=False)
        if not mentions.any():
            return texts
        places = mentions.arg_true()
        masked = [self.mask(text) for text in texts.gather(places)]
        return texts.scatter(places, masked)

    def without_own_ids(self, texts: pl.Series, authors: pl.Series, keys: pl.Series) -> pl.Series:
        """Texts with the author's key where the author's own id stands; names are words and stay."""
        rows = pl.DataFrame({"text": texts, "author": authors})
        holds = rows.select((pl.col("author").str.len_bytes() >= 8) & pl.col("text").str.contains(pl.col("author"), literal=True))
        places = holds.to_series().fill_null(value=False).arg_true()
        changed = []
        for at in places:
            own = rf"(?<![0-9A-Za-z]){re.escape(authors[at])}(?![0-9A-Za-z])"
            changed.append(re.sub(own, KEY + keys[at], texts[at]) if SURE_ID.fullmatch(authors[at]) else texts[at])
        return texts.scatter(places, changed) if changed else texts

    def _profile(self, found: re.Match[str]) -> str:
        person = found.group(2)
        return found.group(1) + (person if _PERSON.match(person) else self._name(person).removeprefix("@"))

    def _mail(self, found: re.Match[str]) -> str:
        return self._name(found.group(0))

    def _person(self, found: re.Match[str]) -> str:
        if _PERSON.match(found.group(1)):
            return "@" + found.group(1)
        return self._name(found.group(1))

    def _name(self, handle: str) -> str:
        return f"@person_{self._digest('handle' + chr(31) + handle)[:_HANDLE_DIGITS]}"

    def _begun(self, start: str) -> tuple[Any, Any]:
        """The two hashes of an HMAC of messages with a common start, as far as they are the same for all: three times faster for many."""
        secret = hashlib.sha256(self._secret).digest() if len(self._secret) > _BLOCK else self._secret
        padded = secret.ljust(_BLOCK, b"\0")
        inner, outer = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded)), hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))
        inner.update(start.encode("utf-8", "surrogatepass"))
        return inner, outer

    def _digest(self, message: str) -> str:
        return hmac.new(self._secret, message.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def make_secret(folder: Path, secret: bytes | None = None) -> None:
    """Write a study's secret (mode 600): 32 random bytes, or the given ones (a constructed study takes them from its seed)."""
    write_atomic(folder / FILE, (secret or secrets.token_bytes(32)).hex().encode() + b"\n", mode=0o600)


def read_secret(folder: Path) -> bytes:
    """The study's secret.

    Raises
    ------
    YuhuError
        YH208 it is missing, or others may read it.
    """
    path = folder / FILE
    if not path.is_file():
        raise YuhuError(
            "YH208",
            f"{FILE} is missing",
            facts={"study": folder},
            fix="restore it from a backup: without it new files get other author keys than the old ones",
        )
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise YuhuError(
            "YH208", f"{FILE} can be read by others", facts={"mode": oct(stat.S_IMODE(path.stat().st_mode))}, fix=f"chmod 600 {path}"
        )
    try:
        return bytes.fromhex(path.read_text("ascii").strip())
    except (ValueError, OSError) as error:
        raise YuhuError(
            "YH208",
            f"{FILE} is damaged",
            facts={"expected": "hexadecimal digits", "found": type(error).__name__},
            fix="restore it from a backup",
        ) from error
