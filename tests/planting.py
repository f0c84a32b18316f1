"""Files with people planted in them: ids, names, handles and addresses that stand in one file alone, and must stand nowhere in a study."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from files import write

_CJK = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Sample:
    """A file, what a person says of it, what reads it, and the strings that must stand nowhere in a study that holds it."""

    path: Path
    options: Mapping[str, Any]
    importer: str
    seen: int
    kept: int
    planted: tuple[str, ...]


@dataclass
class Planted:
    """The people of one file. Every string has 8 characters or more and holds the number of the file."""

    number: int
    strings: list[str] = field(default_factory=list)

    def _keep(self, made: str) -> str:
        assert len(made) >= 8
        self.strings.append(made)
        return made

    def _next(self) -> str:
        return f"{self.number:03d}{len(self.strings):02d}"

    def digits(self, length: int = 12) -> str:
        return self._keep(f"66{self._next()}".ljust(max(length, 9), "4"))

    def hexes(self, length: int = 16) -> str:
        return self._keep(f"fa{self._next()}".ljust(max(length, 8), "e"))

    def name(self, start: str = "") -> str:
        return self._keep(f"{start}Planted{self._next()}")

    def chinese(self) -> str:
        return self._keep(f"植入某某某人{self._next()}")

    def machine(self) -> str:
        """An address of the network: that of whoever collected the file."""
        return self._keep(f"2001:db8::{self.number:04x}:{len(self.strings):04x}")

    def mail(self) -> str:
        return f"{self.name('mail')}@mail.example.com"

    def like(self, literal: str) -> str:
        """A planted string that looks like another one."""
        if literal.isdigit():
            return self.digits(len(literal))
        if re.fullmatch("[0-9a-f]{8,}", literal):
            return self.hexes(len(literal))
        if _CJK.search(literal):
            return self.chinese()
        return f"@{self.name()}" if literal.startswith("@") else self.name(re.match(r"[\w.-]{0,2}", literal)[0])

    def swapped(self, value: Any, *literals: str) -> Any:
        """A text or a JSON value with planted strings in place of those by which its maker names people."""
        return replaced(value, {one: self.like(one) for one in literals})

    def fresh(self, value: Any, *ids: str) -> Any:
        """A text or a JSON value with ids of messages and videos that no other file has; they name nobody."""
        return replaced(value, {one: f"{one[: len(one) - 8]}{self.number:04d}{one[-4:]}" for one in ids})

    def text(self, words: str) -> str:
        """A text that names people in all the ways that are masked."""
        return (
            f"{words} @{self.name('h')} ＠{self.chinese()}，{self.mail()} https://weibo.com/u/{self.digits(10)} "
            f"https://space.bilibili.com/{self.digits(9)} https://www.douyin.com/user/{self.name('MS4w')} "
            f"https://www.xiaohongshu.com/user/profile/{self.hexes(24)} https://twitter.com/{self.name('tw')}/status/1 "
            f"https://www.tiktok.com/@{self.name('tt')}/video/1 https://www.instagram.com/{self.name('ig')}/ https://www.youtube.com/channel/UC{self.name('yt')}"
        )

    def around(self) -> dict[str, Any]:
        """Fields that name people, as collectors of many kinds put them beside and below a message."""
        return {
            "nickname": self.chinese(),
            "sec_uid": self.name("MS4w"),
            "signature": f"{self.chinese()} {self.mail()}",
            "avatar": {"uri": self.name("u"), "url_list": [f"https://p3.example.com/{self.name('a')}.jpeg"]},
            "user_info": {"uid": self.digits(), "name": self.chinese(), "face": f"https://i0.example.com/{self.name('f')}.jpg", "desc": self.chinese()},
            "reply_to_user": {"id": self.digits(), "nick_name": self.chinese(), "level": 4},
            "reply_to_username": self.chinese(),
            "in_reply_to_screen_name": self.name("n"),
            "in_reply_to_user_id_str": self.digits(),
            "mentions": [{"user_id": self.digits(), "screen_name": self.name("m"), "name": self.chinese()}],
            "at_users": [{"id": self.digits(), "name": self.chinese()}],
            "retweeted_user": self.name("r"),
            "quoted": {"user": {"screen_name": self.name("q"), "description": self.chinese()}, "text": f"//@{self.chinese()}:好看"},
            "profile_url": f"https://example.com/people/{self.name('p')}",
            "contact": {"email": self.mail(), "phone": self.digits(11)},
            "client_ip": self.machine(),
        }  # fmt: skip


def replaced(value: Any, made: Mapping[str, str]) -> Any:
    """A text or a JSON value with some strings in place of others, numbers included."""
    if not made:
        return value
    pattern = re.compile("|".join(re.escape(one) for one in sorted(made, key=len, reverse=True)))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    found = pattern.sub(lambda one: made[one[0]], text)
    missing = [one for one in made if one not in text]
    assert not missing, f"the maker does not write {missing}"
    return found if isinstance(value, str) else json.loads(found)


class Samples:
    """Collects samples; each file has a folder of its own, since names of files tell importers something."""

    def __init__(self, folder: Path, first: int = 1) -> None:
        self._folder = folder
        self._next = first
        self.held: list[Sample] = []

    def people(self) -> Planted:
        """The people of the next file."""
        self._next += 1
        return Planted(self._next - 1)

    def place(self, people: Planted, name: str) -> Path:
        """Where a file goes."""
        folder = self._folder / f"{people.number:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def add(self, people: Planted, content: Any, importer: str, seen: int, kept: int, **options: Any) -> None:
        """Take up a file: one that was written, or a name and what it is to hold."""
        path = content
        if isinstance(content, tuple):
            name, held = content
            path = write(self.place(people, name).parent, name, held)
        assert people.strings, f"nobody is planted in {path}"
        self.held.append(Sample(path, options, importer, seen, kept, tuple(people.strings)))
