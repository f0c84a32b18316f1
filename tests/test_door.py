"""The door: what a person names becomes plain files in UTF-8, and nothing that is packed or linked gets out of its box."""

import errno
import gzip
import io
import os
import re
import sqlite3
import struct
import subprocess
import sys
import threading
import tracemalloc
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from files import danmaku_xml
from sentences import JAPANESE, KOREAN, LATIN, SIMPLIFIED, TRADITIONAL
from yuhu.core.contracts import Facts, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources import unpacking, zips
from yuhu.sources.door import Entry, entries, fingerprint
from yuhu.sources.recognise import recognise

CHINESE = "text,likes\n" + "".join(f"{text},{at}\n" for at, text in enumerate(SIMPLIFIED))
LINES = b"".join(b'{"id": %d, "text": "%s"}\n' % (at, os.urandom(12).hex().encode()) for at in range(20_000))


class Through:
    """All entries of one call, with what stood in each while it was there."""

    def __init__(self, room: Path, *named, **said):
        self.passed_over = Counter()
        self.entries = []
        self.contents = []
        for entry in entries(named, room=room, passed_over=self.passed_over, **said):
            self.entries.append(entry)
            self.contents.append(None if entry.error else entry.path.read_bytes())
        assert list(room.iterdir()) == [], "every copy is gone in the end"

    @property
    def called(self):
        return [entry.container + entry.called for entry in self.entries]

    @property
    def codes(self):
        return [entry.error.code if entry.error else None for entry in self.entries]

    @property
    def only(self) -> Entry:
        assert len(self.entries) == 1, self.called
        return self.entries[0]

    @property
    def content(self) -> bytes:
        assert self.only.error is None, str(self.only.error)
        return self.contents[0]


@pytest.fixture
def room(tmp_path):
    folder = tmp_path / ".room"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def through(room):
    return lambda *named, **said: Through(room, *named, **said)


@pytest.fixture
def write(tmp_path):
    def written(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def zipped(path, members, *, method=zipfile.ZIP_DEFLATED):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def zstd(content, *frames):
    return b"".join(pa.compress(part, codec="zstd", asbytes=True) for part in (content, *frames))


def in_memory(content, **said):
    """What the door makes of a file of these bytes."""
    with TemporaryDirectory() as folder:
        room = Path(folder, "room")
        room.mkdir()
        path = Path(folder, "file")
        path.write_bytes(content)
        return Through(room, path, **said)


class TestPlainFiles:
    def test_a_file_in_utf8_is_read_where_it_stands(self, through, write):
        path = write("a.csv", CHINESE)
        found = through(path)
        assert found.only == Entry(path, "a.csv", source=path, before=fingerprint(path))
        assert found.content == path.read_bytes()

    @pytest.mark.parametrize(
        "content", [b"", b"\n", b"\x00" * 100, b"\xef\xbb\xbf", "\ufeff我".encode(), "一\x00二\n".encode(), b"x" * 3_000_000]
    )
    def test_nothing_is_done_to_what_is_utf8(self, through, write, content):
        path = write("a.txt", content)
        found = through(path)
        assert (found.only.path, found.only.notes, found.content) == (path, (), content)

    def test_a_character_over_the_edge_of_a_piece_is_whole(self, through, write):
        for shift in range(4):
            content = b"x" * (unpacking.PIECE - shift) + "泪😭".encode() * 10
            found = through(write("a.txt", content))
            assert (found.only.notes, found.content) == ((), content)

    def test_what_is_named_keeps_its_order(self, through, write):
        named = [write(name, name) for name in ("b", "a", "c")]
        assert through(*map(str, named)).called == ["b", "a", "c"]

    def test_nothing_there(self, through, tmp_path):
        found = through(tmp_path / "none.csv", "a\x00b")
        assert found.codes == ["YH110", "YH110"]
        assert all(entry.was_named for entry in found.entries)

    def test_a_file_that_may_not_be_read(self, through, write, monkeypatch):
        path = write("a.csv", "x")
        opened = Path.open

        def refuse(self, *rest, **more):
            if self == path:
                raise PermissionError(errno.EACCES, "Permission denied")
            return opened(self, *rest, **more)

        monkeypatch.setattr(Path, "open", refuse)
        error = through(path).only.error
        assert (error.code, error.facts["reason"]) == ("YH110", "Permission denied")

    def test_a_device_is_not_read(self, through):
        assert through("/dev/null").codes == ["YH110"]

    def test_pictures_and_films_are_refused(self, through, write):
        film = write("v.mp4", b"\x00\x00\x00\x20ftypisom" + bytes(100))
        found = through(film)
        assert (found.codes, found.only.was_named) == (["YH104"], True)
        assert "`v.mp4` is a video or audio file" in str(found.only.error)

    def test_a_name_is_fit_to_be_shown(self, through, tmp_path):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\x1b[31m\xff\xe2\x80\xae.csv"))
        path.write_bytes(b"x")
        assert through(path).only.called == "a[31m.csv"


class TestBinary:
    """Files that importers read as bytes pass untouched, whatever they are in."""

    @pytest.fixture
    def tables(self, tmp_path):
        frame = pl.DataFrame({"text": SIMPLIFIED})
        frame.write_parquet(tmp_path / "t.parquet")
        with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
            book.add_worksheet().write_column(0, 0, SIMPLIFIED)
        base = sqlite3.connect(tmp_path / "t.db")
        base.execute("create table t (text)")
        base.executemany("insert into t values (?)", [(text,) for text in SIMPLIFIED])
        base.commit()
        base.close()
        (tmp_path / "t.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "我".encode("gb18030") * 99)
        parts = [
            b"\x08" + bytes([0x80 | at, 1]) + b"\x18\x01 \x19:" + bytes([len(text.encode())]) + text.encode()
            for at, text in enumerate(SIMPLIFIED)
        ]
        (tmp_path / "seg.so").write_bytes(b"".join(b"\x0a" + bytes([len(part)]) + part for part in parts))
        zipped(tmp_path / "p.qdpx", [("project.qde", "<Project/>"), ("sources/a.txt", "a")])
        zipped(tmp_path / "t.ods", [("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "<a/>")])
        return [tmp_path / name for name in ("t.parquet", "t.xlsx", "t.db", "t.xls", "seg.so", "p.qdpx", "t.ods")]

    def test_plain(self, through, tables):
        found = through(*tables)
        assert [entry.path for entry in found.entries] == tables
        assert found.contents == [path.read_bytes() for path in tables]
        assert not any(entry.notes for entry in found.entries)

    def test_under_a_named_encoding(self, through, tables):
        found = through(*tables, encoding="gb18030")
        assert (found.contents, set(found.codes)) == ([path.read_bytes() for path in tables], {None})

    def test_packed(self, through, tables, tmp_path):
        box = zipped(tmp_path / "box" / "t.zip", [(path.name, path.read_bytes()) for path in tables])
        found = through(box)
        assert found.contents == [path.read_bytes() for path in tables]
        assert found.called == [f"t.zip/{path.name}" for path in tables]


class TestFolders:
    def test_sorted_and_deep(self, through, write, tmp_path):
        for name in ("e/b.csv", "e/a/2.csv", "e/a/10.csv", "e/a.csv", "e/Z.csv", "e/é.csv"):
            write(name, name)
        found = through(tmp_path / "e")
        assert found.called == ["e/Z.csv", "e/a/10.csv", "e/a/2.csv", "e/a.csv", "e/b.csv", "e/é.csv"]
        assert not any(entry.was_named for entry in found.entries)
        assert [entry.source for entry in found.entries] == [entry.path for entry in found.entries]

    def test_the_folder_one_stands_in(self, through, write, tmp_path, monkeypatch):
        write("e/a.csv", "x")
        monkeypatch.chdir(tmp_path / "e")
        assert through(".").called == ["e/a.csv"]

    def test_hidden_things_are_counted_and_not_read(self, through, write, tmp_path):
        write("e/a.csv", "x")
        write("e/.DS_Store", "x")
        write("e/.git/config", "x")
        found = through(tmp_path / "e")
        assert (found.called, found.passed_over) == (["e/a.csv"], {"hidden": 2})
        assert through(tmp_path / "e" / ".git").called == [".git/config"], "what is named is read, hidden or not"

    def test_links_do_not_lead_out(self, through, write, tmp_path):
        write("secret.txt", "secret")
        write("e/a.csv", "x")
        write("e/d/b.csv", "x")
        write("e/.store/c.csv", "c")
        write("e/.store/d/d.csv", "d")
        for name, target in {
            "out": "../secret.txt",
            "up": "..",
            "etc": "/etc",
            "dead": "nowhere",
            "self": "self",
            "again.csv": "a.csv",
            "loop": ".",
            "d/loop": "..",
            "only.csv": ".store/c.csv",
            "s": ".store/d",
        }.items():
            (tmp_path / "e" / name).symlink_to(target)
        (tmp_path / "e" / ".store" / "d" / "back").symlink_to("../d")
        found = through(tmp_path / "e")
        assert found.called == ["e/a.csv", "e/d/b.csv", "e/only.csv", "e/s/d.csv"]
        assert found.passed_over == {
            "hidden": 1,
            "links that leave the folder": 3,
            "links that lead nowhere": 2,
            "links to what is read anyway": 4,
        }

    def test_a_link_that_is_named_is_followed(self, through, write, tmp_path):
        write("e/a.csv", "x")
        (tmp_path / "l").symlink_to("e")
        (tmp_path / "f.csv").symlink_to("e/a.csv")
        assert through(tmp_path / "l", tmp_path / "f.csv").called == ["l/a.csv", "f.csv"]

    def test_pipes_and_sockets_in_folders_do_not_stop_it(self, through, write, tmp_path):
        write("e/b.csv", "x")
        os.mkfifo(tmp_path / "e" / "a")
        found = through(tmp_path / "e")
        assert (found.called, found.passed_over) == (["e/b.csv"], {"neither files nor folders": 1})

    def test_an_empty_folder_is_a_mistake(self, through, write, tmp_path):
        write("e/.hidden", "x")
        error = through(tmp_path / "e").only.error
        assert (error.code, error.facts["passed over"]) == ("YH110", "1")

    def test_a_folder_that_may_not_be_read(self, through, write, tmp_path, monkeypatch):
        write("e/a/x.csv", "x")
        write("e/b/y.csv", "y")
        scan = os.scandir

        def refuse(path):
            if Path(path).name == "a":
                raise PermissionError(errno.EACCES, "Permission denied")
            return scan(path)

        monkeypatch.setattr(os, "scandir", refuse)
        found = through(tmp_path / "e")
        assert found.called == ["e/a/", "e/b/y.csv"]
        assert (found.codes, found.entries[0].was_named) == (["YH110", None], False)

    def test_media_in_folders_are_entries_of_their_own(self, through, write, tmp_path):
        write("e/a.csv", "x")
        write("e/v.mp4", b"\x00\x00\x00\x20ftypisom")
        write("e/w.jpg", b"\xff\xd8\xff\xe0")
        found = through(tmp_path / "e")
        assert found.codes == [None, "YH104", "YH104"]
        assert not any(entry.was_named for entry in found.entries)

    def test_the_study_and_the_room_are_not_walked(self, tmp_path, write):
        write("all/study/tables/t.parquet", "x")
        write("all/a.csv", "x")
        room = tmp_path / "all" / "room"
        room.mkdir()
        found = Through(room, tmp_path / "all", without=[tmp_path / "all" / "study"])
        assert (found.called, found.passed_over) == (["all/a.csv"], {"the study itself": 2})

    def test_very_deep_folders(self, through, tmp_path):
        here = os.open(tmp_path, os.O_RDONLY)
        for _ in range(1200):
            os.mkdir("d", dir_fd=here)
            inner = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
        os.close(os.open("a", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        os.close(here)
        try:
            assert through(tmp_path / "d").called == ["d/" * 1200 + "a"]
        finally:  # deeper than the cleaning of pytest reaches
            subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)

    def test_ten_thousand_files(self, through, tmp_path):
        folder = tmp_path / "many"
        names = [f"{at % 100:02d}/{at:05d}.csv" for at in range(10_000)]
        for at in range(100):
            (folder / f"{at:02d}").mkdir(parents=True)
        for name in names:
            (folder / name).write_bytes(b"x")
        found = through(folder)
        assert found.called == [f"many/{name}" for name in sorted(names)]


class TestPacked:
    @pytest.mark.parametrize(
        ("name", "pack", "called"),
        [
            ("a.csv.gz", gzip.compress, "a.csv"),
            ("A.CSV.GZ", gzip.compress, "A.CSV"),
            ("a.csv.zst", zstd, "a.csv"),
            ("a.zst", zstd, "a"),
            ("a.csv", gzip.compress, "a.csv"),
            (".gz", gzip.compress, ".gz"),
        ],
    )
    def test_a_packed_file_is_the_file(self, through, write, name, pack, called):
        path = write(name, pack(CHINESE.encode()))
        found = through(path)
        assert found.content == CHINESE.encode()
        assert (found.only.called, found.only.container, found.only.was_named, found.only.source) == (called, "", True, path)

    def test_text_that_is_only_called_gz(self, through, write):
        """Browsers unpack on download and keep the name."""
        found = through(write("a.csv.gz", CHINESE))
        assert (found.content, found.only.called) == (CHINESE.encode(), "a.csv")

    def test_several_members_and_frames(self, through, write):
        empty = struct.pack("<II", 0x184D2A50, 4) + b"skip"
        paths = [
            write("1", gzip.compress(b"a\n") + gzip.compress(b"b\n" * 99999) + gzip.compress(b"")),
            write("2", gzip.compress(b"a\n") + bytes(1000)),
            write("3", zstd(b"a\n", b"b\n" * 99999)),
            write("4", empty + zstd(b"a\n") + empty + zstd(b"b\n")),
            write("5", b"".join(gzip.compress(b"%d\n" % at) for at in range(3000))),
        ]
        found = through(*paths)
        assert found.contents == [
            b"a\n" + b"b\n" * 99999,
            b"a\n",
            b"a\n" + b"b\n" * 99999,
            b"a\nb\n",
            b"".join(b"%d\n" % at for at in range(3000)),
        ]

    def test_what_follows_the_end_of_a_gzip_is_passed_over_and_said(self, through, write):
        found = through(write("a.gz", gzip.compress(b"a\n") + b"<html>"))
        assert (found.content, found.only.notes) == (b"a\n", ("bytes after the end of the gzip data were passed over",))

    def test_zip_members_in_order(self, through, tmp_path):
        path = zipped(tmp_path / "e" / "z.zip", [("v2/b.json", "{}"), ("v1/b.json", "[]"), ("v1/", ""), ("a.csv.gz", gzip.compress(b"x"))])
        found = through(path, tmp_path / "e")
        assert found.called[:3] == ["z.zip/v2/b.json", "z.zip/v1/b.json", "z.zip/a.csv"]
        assert found.called[3:] == [f"e/{name}" for name in found.called[:3]]
        assert found.contents[:3] == [b"{}", b"[]", b"x"]
        assert not any(entry.was_named for entry in found.entries)
        assert {entry.source for entry in found.entries} == {path}

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def test_large_members(self, through, tmp_path, method):
        content = os.urandom(unpacking.PIECE + 77).hex().encode()
        assert through(zipped(tmp_path / "z.zip", [("a.txt", content), ("b", b"")], method=method)).contents == [content, b""]

    def test_a_zip_of_one_file_is_that_file(self, through, tmp_path):
        found = through(zipped(tmp_path / "z.zip", [("__MACOSX/._a.csv", "x"), ("a.csv", "text\n")]))
        assert (found.called, found.only.was_named, found.passed_over) == (["z.zip/a.csv"], True, {"hidden": 1})

    def test_hidden_members_and_links(self, through, tmp_path):
        path = zipped(tmp_path / "z.zip", [(".git/config", "x"), ("a", "x"), ("b", "y")])
        with zipfile.ZipFile(path, "a") as archive:
            link = zipfile.ZipInfo("link")
            link.create_system, link.external_attr = 3, 0o120777 << 16
            archive.writestr(link, "/etc/passwd")
        found = through(path)
        assert (found.called, found.passed_over) == (["z.zip/a", "z.zip/b"], {"hidden": 1, "links in an archive": 1})

    @pytest.mark.parametrize(
        ("encoding", "names"),
        [
            ("gb18030", ["评论数据.csv", "第一集弹幕.xml"]),
            ("big5", ["留言資料.csv", "第一集彈幕.xml"]),
            ("cp932", ["コメント一覧.csv", "第一話の弾幕.xml"]),
            ("utf-8", ["评论数据.csv", "コメント.xml"]),
        ],
    )
    def test_names_that_windows_wrote(self, through, tmp_path, encoding, names):
        """Older programs write names in the system's encoding; the library takes them for the one of the first PC."""
        path = tmp_path / "z.zip"
        stand_in = [f"{at}" * len(name.encode(encoding)) for at, name in enumerate(names)]
        content = zipped(path, [(name, "x") for name in stand_in]).read_bytes()
        for old, new in zip(stand_in, names, strict=True):
            content = content.replace(old.encode(), new.encode(encoding))
        path.write_bytes(content)
        assert [entry.called for entry in through(path).entries] == names

    def test_a_member_keeps_its_name_where_the_zip_says_utf8(self, through, tmp_path):
        assert through(zipped(tmp_path / "z.zip", [("弹幕 😭.xml", "x"), ("b", "")])).called[0] == "z.zip/弹幕 😭.xml"

    def test_films_in_archives_are_not_even_unpacked(self, through, tmp_path, monkeypatch):
        film = b"\x00\x00\x00\x20ftypisom" + bytes(3 * unpacking.PIECE)
        path = zipped(tmp_path / "z.zip", [("v.mp4", film), ("a.csv", "x")])
        written = []
        spill = unpacking.spill
        monkeypatch.setattr("yuhu.sources.door.spill", lambda pieces, target, name: written.append(name) or spill(pieces, target, name))
        found = through(path)
        assert (found.codes, written) == (["YH104", None], ["a.csv"])

    def test_text_in_archives_is_made_utf8_too(self, through, write):
        found = through(write("a.csv.gz", gzip.compress(CHINESE.encode("gb18030"))))
        assert (found.content, found.only.notes) == (CHINESE.encode(), ("read as GB18030",))


class TestHostileArchives:
    def test_nothing_climbs_out(self, through, tmp_path):
        names = [
            "../../up.txt",
            "/etc/abs.txt",
            "..\\..\\win.txt",
            "C:\\x\\y.txt",
            "a/../../b.txt",
            "..",
            "/",
            "con\x1b[2J.txt",
            "\u202egnp.exe",
            "n" * 500,
        ]
        path = zipped(tmp_path / "deep" / "er" / "z.zip", [(name, f"{at}") for at, name in enumerate(names)])
        before = sorted(tmp_path.rglob("*"))
        found = through(path)
        assert sorted(tmp_path.rglob("*")) == before
        assert found.contents == [f"{at}".encode() for at in range(len(names)) if names[at] != "/"]
        shown = found.called
        assert shown[:5] == ["z.zip/up.txt", "z.zip/etc/abs.txt", "z.zip/win.txt", "z.zip/C:/x/y.txt", "z.zip/a/b.txt"]
        assert all(re.fullmatch(r"[^/\x00-\x1f\u202e]{1,200}", entry.called) for entry in found.entries)

    def test_copies_are_private_and_have_numbers_for_names(self, room, tmp_path):
        path = zipped(tmp_path / "z.zip", [("a/../../x", "x"), ("b", "y")])
        for entry in entries([path], room=room):
            assert entry.path.parent == room
            assert entry.path.name.isdigit()
            assert entry.path.stat().st_mode & 0o777 == 0o600

    def test_a_name_in_the_room_is_never_overwritten(self, room, tmp_path):
        (tmp_path / "precious").write_text("precious")
        for at in range(1, 9):
            (room / f"{at:06d}").symlink_to(tmp_path / "precious")
        path = zipped(tmp_path / "z.zip", [("a", "x")])
        assert [entry.error.code for entry in entries([path], room=room)] == ["YH110"]
        assert (tmp_path / "precious").read_text() == "precious"

    @pytest.mark.parametrize("pack", [gzip.compress, zstd, lambda content: content])
    def test_a_bomb_is_stopped(self, through, write, tmp_path, monkeypatch, pack):
        monkeypatch.setattr(unpacking, "RATIO_FROM", 1 << 20)
        zeros = bytes(12 << 20)
        path = write("a.gz", pack(zeros)) if pack(b"x") != b"x" else zipped(tmp_path / "a.zip", [("a", zeros), ("b", "x")])
        found = through(path)
        assert found.codes[0] == "YH109"
        assert int(found.entries[0].error.facts["unpacked so far"]) <= 3 << 20, "soon"
        assert found.entries[0].error.fix

    def test_a_real_gzip_bomb(self, through, write):
        found = through(write("a.gz", gzip.compress(bytes(80 << 20))))
        assert found.codes == ["YH109"]

    def test_small_files_of_equal_rows_are_no_bombs(self, through, write):
        content = b"0,0,0,0\n" * 1_000_000
        assert through(write("a.gz", gzip.compress(content, 9))).content == content

    def test_other_members_survive_a_bomb_beside_them(self, through, tmp_path, monkeypatch):
        monkeypatch.setattr(unpacking, "RATIO_FROM", 1 << 20)
        noise = os.urandom(1 << 20)
        path = zipped(tmp_path / "z.zip", [("noise", noise.hex()), ("bomb", bytes(8 << 20)), ("after", "x")])
        assert through(path).codes == [None, "YH109", None]

    def test_the_total_is_limited(self, through, tmp_path, monkeypatch):
        monkeypatch.setattr(unpacking, "MOST_UNPACKED", 3 << 20)
        parts = [(f"{at}", os.urandom(1 << 19).hex()) for at in range(6)]
        assert through(zipped(tmp_path / "z.zip", parts)).codes == [None, None, None, "YH109"]

    def test_too_many_members(self, through, tmp_path, monkeypatch):
        monkeypatch.setattr(zips, "MOST_MEMBERS", 10)
        path = zipped(tmp_path / "z.zip", [(f"{at}", "x") for at in range(11)])
        found = through(path)
        assert (found.codes, found.only.error.facts) == (["YH109"], {"members": "11"})
        monkeypatch.setattr(zips, "MOST_MEMBERS", 11)
        assert len(through(path).entries) == 11

    def test_a_directory_too_large_is_not_read(self, through, tmp_path, monkeypatch):
        path = zipped(tmp_path / "z.zip", [(f"{at}" * 20, "x") for at in range(9)])
        monkeypatch.setattr(zips, "_LARGEST_DIRECTORY", 500)
        monkeypatch.setattr(zipfile, "ZipFile", None)
        assert "bytes of its directory" in through(path).only.error.facts

    def test_depth(self, through, write, tmp_path):
        inner = zipped(tmp_path / "i.zip", [("a", "x")]).read_bytes()
        once = gzip.compress(b"text\n")
        found = through(
            zipped(tmp_path / "1.zip", [("i.zip", inner), ("b.gz", once)]),
            write("2.gz", gzip.compress(once)),
            write("3.gz", gzip.compress(gzip.compress(once))),
            write("4.zip.gz", gzip.compress(inner)),
            write("5.gz", gzip.compress(zipped(tmp_path / "j.zip", [("b.gz", once), ("c", "x")]).read_bytes())),
        )
        assert found.called == ["1.zip/i.zip", "1.zip/b", "2", "3", "4.zip/a", "5/b.gz", "5/c"]
        assert found.codes == ["YH109", None, None, "YH109", None, "YH109", None]
        assert found.entries[0].error.facts["packed as"] == "zip in zip"

    def test_encrypted(self, through, tmp_path):
        path = zipped(tmp_path / "z.zip", [("a", "x"), ("b", "y")])
        content = bytearray(path.read_bytes())
        first = content.index(b"PK\x01\x02")
        content[first + 8] |= 1
        path.write_bytes(content)
        found = through(path)
        assert (found.called, found.codes) == (["z.zip/a", "z.zip/b"], ["YH109", None])
        assert "password" in found.entries[0].error.fix
        content[content.index(b"PK\x01\x02", first + 4) + 8] |= 1
        path.write_bytes(content)
        found = through(path)
        assert (found.called, found.codes) == (["z.zip"], ["YH109"])

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def test_more_than_declared(self, through, tmp_path, method):
        path = zipped(tmp_path / "z.zip", [("a", b"0123456789" * 50), ("b", "y")], method=method)
        content = bytearray(path.read_bytes())
        at = content.index(b"PK\x01\x02") + 24
        content[at : at + 4] = struct.pack("<L", 100)
        path.write_bytes(content)
        found = through(path)
        assert (found.codes, found.entries[0].error.facts["declared"]) == (["YH109", None], "100")

    def test_less_than_declared_and_other_damage(self, through, tmp_path):
        path = zipped(tmp_path / "z.zip", [("a", b"0123456789" * 50), ("b", "y")])
        whole = path.read_bytes()
        directory = whole.index(b"PK\x01\x02")

        def changed(at, new):
            content = bytearray(whole)
            content[at : at + len(new)] = new
            path.write_bytes(content)
            return through(path).codes[0]

        assert changed(directory + 24, struct.pack("<L", 900)) == "YH106", "size"
        assert changed(directory + 16, struct.pack("<L", 1)) == "YH106", "checksum"
        assert changed(directory + 20, struct.pack("<L", 3)) == "YH106", "packed size"
        assert changed(directory + 42, struct.pack("<L", 7)) == "YH106", "place"
        assert changed(directory + 10, struct.pack("<H", 9)) == "YH110", "method"
        assert changed(35, b"\xff\xff\xff\xff") == "YH106", "data"

    @pytest.mark.parametrize("keep", [4, 30, 200, -10, -30])
    def test_a_zip_that_is_cut_off(self, through, tmp_path, keep):
        path = zipped(tmp_path / "z.zip", [("a", LINES), ("b", "y")])
        path.write_bytes(path.read_bytes()[:keep])
        error = through(path).only.error
        assert (error.code, "again" in error.fix) == ("YH106", True)

    def test_an_empty_zip(self, through, tmp_path):
        assert through(zipped(tmp_path / "z.zip", []), zipped(tmp_path / "y.zip", [(".x", ""), ("d/", "")])).codes == ["YH101", "YH101"]

    @given(data=st.data())
    def test_no_damage_is_more_than_an_error(self, data):
        kind = data.draw(st.sampled_from(["gz", "zst", "zip"]))
        if kind == "zip":
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("评论.csv", CHINESE)
                archive.writestr("b.gz", gzip.compress(CHINESE.encode("gb18030")))
            content = bytearray(buffer.getvalue())
        else:
            content = bytearray((gzip.compress if kind == "gz" else zstd)(CHINESE.encode()))
        for at, new in data.draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), min_size=1, max_size=4)):
            content[at] = new
        cut = data.draw(st.one_of(st.none(), st.integers(0, len(content))))
        found = in_memory(bytes(content[:cut]))
        assert set(found.codes) <= {None, "YH101", "YH104", "YH105", "YH106", "YH109", "YH110"}


class TestCutOff:
    @pytest.mark.parametrize("pack", [gzip.compress, zstd])
    def test_json_lines_keep_their_whole_lines(self, through, write, pack):
        packed = pack(LINES)
        found = through(write("a.jsonl.gz", packed[: len(packed) * 2 // 3]))
        assert LINES.startswith(found.content)
        assert found.content.endswith(b"}\n")
        assert len(found.content) > len(LINES) // 3
        assert "ends in the middle" in found.only.cut_off
        assert found.only.called == "a.jsonl"

    def test_the_bytes_lost_are_said(self, through, write):
        packed = zlib.compressobj(wbits=31)
        content = packed.compress(b'{"a": 1}\n{"a": 2}\n{"a"') + packed.flush(zlib.Z_SYNC_FLUSH)
        found = through(write("a.gz", content))
        assert found.content == b'{"a": 1}\n{"a": 2}\n'
        assert "4 bytes after them" in found.only.cut_off

    @pytest.mark.parametrize("pack", [gzip.compress, zstd])
    @pytest.mark.parametrize("content", [CHINESE.encode() * 50, b"[" + LINES.replace(b"\n", b",") + b"]", b'{"a": 1}'])
    def test_other_texts_are_refused(self, through, write, pack, content):
        error = through(write("a.gz", pack(content)[:-5])).only.error
        assert (error.code, "again" in error.fix) == ("YH106", True)

    @pytest.mark.parametrize("pack", [gzip.compress, zstd])
    def test_hardly_begun(self, through, write, pack):
        packed = pack(LINES)
        assert {through(write("a.gz", packed[:keep])).codes[0] for keep in (4, 8, 11, 20)} == {"YH106"}

    def test_a_checksum_that_does_not_fit_is_no_cut(self, through, write):
        packed = bytearray(gzip.compress(LINES))
        packed[-6] ^= 1
        assert through(write("a.gz", bytes(packed))).codes == ["YH106"]


class TestEncodings:
    @pytest.mark.parametrize(
        ("texts", "encoding", "note"),
        [
            (SIMPLIFIED, "gb18030", "read as GB18030"),
            (TRADITIONAL, "big5", "read as Big5"),
            (JAPANESE, "shift_jis", "read as Shift_JIS"),
            (JAPANESE, "euc_jp", "read as EUC-JP"),
            (KOREAN, "euc_kr", "read as EUC-KR"),
            (LATIN, "cp1252", "read as Windows-1252"),
        ],
    )
    @pytest.mark.parametrize("newline", ["\n", "\r\n", '", "'])
    def test_older_encodings(self, through, write, texts, encoding, note, newline):
        text = "id,text" + newline + newline.join(texts)
        found = through(write("a.csv", text.encode(encoding)))
        assert (found.content.decode(), found.only.notes) == (text, (note,))

    @given(st.lists(st.sampled_from(SIMPLIFIED), min_size=1, max_size=20), st.sampled_from(["gb18030", "gbk", "gb2312"]))
    def test_round_trip_simplified(self, texts, encoding):
        text = "\n".join(texts) + "\n"
        assert in_memory(text.encode(encoding)).content.decode() == text

    @given(st.lists(st.sampled_from(TRADITIONAL), min_size=1, max_size=20), st.sampled_from(["big5", "cp950", "gb18030"]))
    def test_round_trip_traditional(self, texts, encoding):
        text = "\n".join(texts) + "\n"
        assert in_memory(text.encode(encoding)).content.decode() == text

    @given(st.lists(st.sampled_from(JAPANESE), min_size=2, max_size=20), st.sampled_from(["shift_jis", "cp932"]))
    def test_round_trip_japanese(self, texts, encoding):
        text = "\n".join(texts) + "\n"
        assert in_memory(text.encode(encoding)).content.decode() == text

    @given(
        st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
    )
    def test_round_trip_of_any_text_with_a_mark(self, text, encoding):
        text = text.lstrip("\x00")  # a zero after the mark of UTF-16 makes it the one of UTF-32
        found = in_memory(("\ufeff" + text).encode(encoding))
        assert found.content.decode("utf-8-sig" if encoding == "utf-8" else "utf-8") == text

    @given(
        st.lists(st.sampled_from([*SIMPLIFIED, *JAPANESE, "text, likes", "3"]), min_size=2),
        st.sampled_from(["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]),
    )
    def test_round_trip_of_wide_texts_without_a_mark(self, texts, encoding):
        text = "id,text\n" + "\n".join(texts) + "\n"
        assert in_memory(text.encode(encoding)).content.decode() == text

    @given(
        st.text(st.characters(exclude_categories=["Cs", "Cc"])),
        st.sampled_from(["utf-8", "utf-16", "utf-32", "gb18030", "utf-16-be", "UTF-7"]),
    )
    def test_round_trip_in_a_named_encoding(self, text, encoding):
        content = text.encode(encoding)
        if encoding == "gb18030" and (text.startswith("\ufeff") or content.startswith((b"\xff\xfe", b"\xfe\xff"))):
            return
        found = in_memory(content, encoding=encoding)
        if found.only.error is None:
            assert found.content.decode() == (text.removeprefix("\ufeff") if encoding == "utf-16-be" else text)
        else:
            assert found.codes == ["YH104"], "a text may happen to begin like a picture"

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_utf8_is_never_touched(self, text):
        found = in_memory(text.encode())
        if found.only.error is None and not text.lstrip().startswith("<?xml"):
            assert (found.content, found.only.notes) == (text.encode(), ())

    def test_large_files_in_one_line(self, through, write):
        text = "[" + ",".join(f'"{text}"' for text in SIMPLIFIED * 3000) + "]"
        found = through(write("a.json", text.encode("gb18030")))
        assert len(text.encode("gb18030")) > unpacking.PIECE
        assert (found.content.decode() == text, found.only.notes) == (True, ("read as GB18030",))

    def test_large_files_in_lines(self, through, write):
        text = "\n".join(SIMPLIFIED * 4000)
        assert through(write("a.csv", text.encode("gb18030"))).content.decode() == text
        assert through(write("a.csv", text.encode("utf-16"))).content.decode() == text

    def test_text_without_any_ascii(self, through, write):
        text = "哭" * 700_000
        assert through(write("a.txt", text.encode("gb18030"))).content.decode() == text

    def test_nothing_plausible_is_an_error_with_advice(self, through, write):
        error = through(write("a.txt", "Привет, как дела? Очень красиво\n".encode("cp1251"))).only.error
        assert (error.code, "--encoding" in error.fix) == ("YH105", True)
        assert error.facts == {"first byte that is not UTF-8": "0"}

    def test_a_large_file_needs_little_memory(self, room, write):
        path = write("a.csv", "\n".join(SIMPLIFIED * 20_000).encode("gb18030"))
        assert path.stat().st_size > 10 << 20
        tracemalloc.start()
        for entry in entries([path], room=room):
            assert entry.notes == ("read as GB18030",)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 48 << 20


class TestMixed:
    def test_a_few_lines_of_another_tool(self, through, write):
        lines = [text.encode("gb18030" if at in {3, 17} else "utf-8") for at, text in enumerate(SIMPLIFIED * 2)]
        found = through(write("a.csv", b"\n".join(lines)))
        assert found.content.decode() == "\n".join(SIMPLIFIED * 2)
        assert found.only.notes == (f"2 of {len(lines)} lines were GB18030 in a UTF-8 file",)

    def test_a_few_lines_of_utf8_in_an_older_file(self, through, write):
        lines = [text.encode("utf-8" if at in {3, 17} else "gb18030") for at, text in enumerate(SIMPLIFIED * 2)]
        found = through(write("a.csv", b"\n".join(lines)))
        assert found.content.decode() == "\n".join(SIMPLIFIED * 2)
        assert found.only.notes == (f"read as GB18030; 2 of {len(lines)} lines were UTF-8",)

    @given(st.lists(st.tuples(st.sampled_from(SIMPLIFIED), st.booleans()), min_size=1, max_size=30))
    def test_any_mixture(self, lines):
        content = b"".join(text.encode("utf-8" if is_utf8 else "gb18030") + b"\n" for text, is_utf8 in lines)
        assert in_memory(content).content.decode() == "".join(f"{text}\n" for text, _ in lines)

    def test_cells_of_one_line(self, through, write):
        rows = [b",".join([SIMPLIFIED[at].encode(), SIMPLIFIED[at + 1].encode("gb18030"), b"3"]) for at in range(30)]
        found = through(write("a.csv", b"\n".join(rows)))
        assert found.content.decode() == "\n".join(f"{SIMPLIFIED[at]},{SIMPLIFIED[at + 1]},3" for at in range(30))

    def test_records_of_a_document_in_one_line(self, through, write):
        parts = [
            b'{"id": %d, "text": "%s"}' % (at, text.encode("gb18030" if at % 50 == 7 else "utf-8"))
            for at, text in enumerate(SIMPLIFIED * 40)
        ]
        found = through(write("a.json", b"[" + b", ".join(parts) + b"]"))
        text = found.content.decode()
        assert [text.count(f'"{one}"') for one in SIMPLIFIED] == [40] * len(SIMPLIFIED)
        assert re.fullmatch(r"\d+ of [\d,]+ parts were GB18030 in a UTF-8 file", found.only.notes[0])

    def test_two_bytes_that_could_be_either(self, through, write):
        """毛毛 in GB18030 is ëë in UTF-8: what the other lines are in decides."""
        doubtful = "毛毛"
        assert doubtful.encode("gb18030").decode() == "ëë"
        older = "\n".join([*SIMPLIFIED, doubtful])
        assert through(write("a.csv", older.encode("gb18030"))).content.decode() == older
        newer = ["Noël", "Zoë", *SIMPLIFIED]
        found = through(write("b.csv", "\n".join(newer).encode() + b"\n" + SIMPLIFIED[0].encode("gb18030")))
        assert found.content.decode() == "\n".join([*newer, SIMPLIFIED[0]])

    def test_windows_lines_in_a_latin_file(self, through, write):
        text = "\n".join(LATIN)
        content = "\n".join(LATIN[:-2]).encode() + b"\n" + "\n".join(LATIN[-2:]).encode("cp1252")
        found = through(write("a.csv", content))
        assert (found.content.decode(), found.only.notes) == (text, ("2 of 12 lines were Windows-1252 in a UTF-8 file",))


class TestBrokenUtf8:
    def test_characters_cut_at_the_edges_of_pieces(self, through, write):
        """What a program leaves that writes 64 KiB at a time and drops what does not fit: UTF-8 with holes, and no GB18030."""
        whole = "\n".join(SIMPLIFIED * 1000).encode()
        parts = [whole[at : at + 65_536] for at in range(0, len(whole), 65_536)]
        content = b"".join(part[1:] if at and part[0] & 0xC0 == 0x80 else part for at, part in enumerate(parts))
        found = through(write("a.csv", content))
        assert found.content.decode() == content.decode("utf-8", "replace")
        [note] = found.only.notes
        places = content.decode("utf-8", "replace").count("\ufffd")
        assert places > 5
        assert note == f"{places} places could not be read and became U+FFFD"

    @pytest.mark.parametrize(
        "line",
        ["看到最后真的哭了".encode()[:-1], "好".encode() + b"\xe5", "我哭了".encode()[1:], b"\xff", "好看\xff好看".encode()[:-2]],
    )
    def test_one_broken_place(self, through, write, line):
        content = b"\n".join([CHINESE.encode(), line, b"3"])
        found = through(write("a.csv", content))
        assert found.content.decode() == content.decode("utf-8", "replace")
        assert "GB18030" not in str(found.only.notes)

    def test_the_end_is_cut(self, through, write):
        content = CHINESE.encode() + "好".encode()[:2]
        found = through(write("a.csv", content))
        assert found.content.decode() == CHINESE + "\ufffd"
        assert found.only.notes == ("1 place could not be read and became U+FFFD",)

    def test_a_replacement_that_was_there_is_not_counted(self, through, write):
        content = "\ufffd好看\ufffd真的哭了\n".encode() + "好看".encode() + b"\xe5\n"
        assert through(write("a.csv", content)).only.notes == ("1 place could not be read and became U+FFFD",)

    def test_surrogates(self, through, write):
        pair = "\ud83d\ude2d".encode("utf-8", "surrogatepass")
        lone = "\ud83d".encode("utf-8", "surrogatepass")
        found = through(write("a.jsonl", "真的".encode() + pair + b"\n" + pair + b"\n" + lone + "好\n".encode()))
        assert found.content.decode() == "真的😭\n😭\n\ufffd好\n"
        assert found.only.notes == (
            "2 characters written as two surrogates (CESU-8) were put together",
            "1 place could not be read and became U+FFFD",
        )

    @given(st.lists(st.sampled_from([*SIMPLIFIED, *JAPANESE, "😭😭", "ok"]), min_size=3, max_size=20), st.data())
    def test_a_byte_lost_anywhere_costs_one_character(self, texts, data):
        content = ("\n".join(texts) + "\n" + CHINESE).encode()
        at = data.draw(st.integers(0, len(content) - 1))
        found = in_memory(content[:at] + content[at + 1 :])
        assert found.content.decode() == (content[:at] + content[at + 1 :]).decode("utf-8", "replace")
        assert not any("read as" in note or "lines were" in note for note in found.only.notes)

    def test_zero_bytes_stay(self, through, write):
        content = "text\n看到最后\x00真的哭了\n".encode("gb18030") + b"\x00" * 300
        found = through(write("a.csv", content))
        assert found.content.decode() == "text\n看到最后\x00真的哭了\n" + "\x00" * 300


class TestDeclarations:
    def test_a_declaration_goes_with_the_encoding(self, through, write):
        text = danmaku_xml([(1, text, {}) for text in SIMPLIFIED])
        old = text.replace('encoding="UTF-8"', 'encoding="GBK"')
        found = through(write("a.xml", old.encode("gb18030")))
        assert found.content.decode() == old.replace(' encoding="GBK"', " " * 15)
        assert found.only.notes == ("read as GB18030",)

    def test_and_then_an_importer_reads_it(self, room, write):
        text = danmaku_xml([(1, text, {}) for text in SIMPLIFIED]).replace('encoding="UTF-8"', 'encoding="gb2312"')
        for entry in entries([write("a.xml", text.encode("gb18030")), write("b.xml", text)], room=room):
            origin = Origin(entry.path, called=entry.called)
            batches = list(recognise(origin).read(origin, Facts()))
            assert [text for batch in batches for text in batch.responses["text"]] == SIMPLIFIED

    @pytest.mark.parametrize("said", ['encoding="GBK"', "encoding = 'utf-16'", 'encoding="nonsense"'])
    def test_one_that_lies(self, through, write, said):
        text = f'<?xml version="1.0" {said}?><i><d p="1">好</d></i>'
        path = write("a.xml", text)
        found = through(path)
        assert found.content.decode() == text.replace(f" {said}", " " * (len(said) + 1))
        assert "the text is UTF-8" in found.only.notes[0]
        assert path.read_text() == text, "the person's file stays as it is"

    @pytest.mark.parametrize("said", ['encoding="utf-8"', "encoding='UTF8'", 'encoding="us-ascii"', ""])
    def test_one_that_does_not(self, through, write, said):
        path = write("a.xml", f'<?xml version="1.0" {said}?><i/>')
        assert (through(path).only.path, through(path).only.notes) == (path, ())

    def test_other_texts_may_speak_of_encodings(self, through, write):
        text = 'text\n"<?xml version=""1.0"" encoding=""GBK""?>好看的"\n'
        assert through(write("a.csv", text.encode("gb18030"))).content.decode() == text

    def test_utf16_documents(self, through, write):
        text = '<?xml version="1.0" encoding="utf-16"?>\n<i>好</i>'
        assert through(write("a.xml", text.encode("utf-16"))).content.decode() == text.replace(' encoding="utf-16"', " " * 18)


class TestNamedEncoding:
    def test_it_wins(self, through, write):
        found = through(write("a.csv", "棒棒".encode("big5")), encoding="big5")
        assert (found.content.decode(), found.only.notes) == ("棒棒", ("read as Big5",))

    def test_an_unknown_name_stops_everything_at_once(self, room, write):
        with pytest.raises(YuhuError) as error:
            entries([write("a.csv", "x")], room=room, encoding="nonsense")
        assert error.value.code == "YH105"

    def test_bytes_that_do_not_fit(self, through, write):
        content = CHINESE.encode("gb18030")
        found = through(write("a.csv", content), encoding="utf-8")
        assert found.codes == ["YH105"]
        assert found.only.error.facts == {"first bad byte near": "11", "would fit": "GB18030"}
        assert content[:11].isascii()
        found = through(write("b.csv", CHINESE), encoding="shift_jis")
        assert (found.codes, found.only.error.facts["would fit"]) == (["YH105"], "UTF-8")

    def test_the_bad_byte_is_placed(self, through, write):
        content = b"x" * (unpacking.PIECE + 500) + b"\x81\xff" + b"y" * 10
        assert through(write("a.csv", content), encoding="shift_jis").only.error.facts["first bad byte near"] == str(unpacking.PIECE + 500)

    def test_a_mark_is_not_overruled(self, through, write):
        found = through(write("a.csv", "\ufeff好看".encode()), encoding="gb18030")
        assert (found.codes, found.only.error.facts["would fit"]) == (["YH105"], "UTF-8")
        assert through(write("a.csv", "好看".encode("utf-16")), encoding="utf-16").content.decode() == "好看"
        assert through(write("a.csv", "\ufeff好看".encode("utf-16-be")), encoding="utf-16-be").content.decode() == "好看"

    def test_ascii_and_utf8_stay_where_they_are(self, through, write):
        path = write("a.csv", "id,text\n1,ok\n")
        assert through(path, encoding="gb18030").only.path == path
        path = write("b.csv", CHINESE)
        assert through(path, encoding="UTF8").only.path == path

    def test_a_doubtful_name_is_said(self, through, write):
        found = through(write("a.csv", "你好啊\n真好看的"), encoding="gb18030")
        assert found.only.error is not None or "UTF-8 too" in found.only.notes[1]

    def test_latin_one(self, through, write):
        assert through(write("a.csv", "caf\xe9 \x81".encode("latin-1")), encoding="latin-1").content.decode() == "café \x81"


class TestStandardInput:
    @pytest.fixture
    def stdin(self, monkeypatch):
        return lambda content: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    def test_text(self, through, stdin):
        stdin(CHINESE.encode("gb18030"))
        found = through("-")
        assert (found.content.decode(), found.only.called, found.only.container, found.only.was_named) == (CHINESE, "stdin", "", True)
        assert found.only.source is None
        assert not found.only.has_changed

    def test_its_name(self, through, stdin):
        stdin(b"x")
        assert through("-", stdin_name="../comments.csv").only.called == "../comments.csv"

    @pytest.mark.parametrize("pack", [gzip.compress, zstd])
    def test_packed(self, through, stdin, pack):
        stdin(pack(CHINESE.encode()))
        assert through("-", stdin_name="a.csv.gz").content == CHINESE.encode()

    def test_a_zip(self, through, stdin, tmp_path):
        stdin(zipped(tmp_path / "z.zip", [("a", "x"), ("b", "y")]).read_bytes())
        found = through("-")
        assert (found.called, found.contents) == (["stdin/a", "stdin/b"], [b"x", b"y"])

    def test_once_only(self, through, stdin):
        stdin(b"x")
        assert through("-", "-").codes == [None, "YH110"]

    def test_none(self, through, monkeypatch):
        monkeypatch.setattr(sys, "stdin", None)
        assert through("-").codes == ["YH110"]

    def test_a_pipe_that_is_named(self, through, tmp_path):
        """What a shell gives for <(zcat a.gz)."""
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        writer = threading.Thread(target=lambda: pipe.write_bytes(CHINESE.encode("gb18030")))
        writer.start()
        found = through(pipe)
        writer.join()
        assert (found.content.decode(), found.only.source) == (CHINESE, None)


class TestOneAtATime:
    def test_a_copy_is_there_for_its_turn_only(self, room, tmp_path):
        path = zipped(tmp_path / "z.zip", [(f"{at}.csv", CHINESE.encode("gb18030")) for at in range(5)])
        before = None
        for entry in entries([path], room=room):
            assert [*room.iterdir()] == [entry.path]
            assert before is None or not before.exists()
            before = entry.path
        assert not before.exists()

    def test_nothing_is_read_before_it_is_asked_for(self, room, tmp_path, write):
        first = write("a.csv", "x")
        stream = entries([first, tmp_path / "late.csv", tmp_path / "e"], room=room)
        assert next(stream).called == "a.csv"
        write("late.csv", "y")
        write("e/b.csv", "z")
        assert [entry.error for entry in stream] == [None, None]

    def test_leaving_early_cleans_up(self, room, tmp_path):
        path = zipped(tmp_path / "z.zip", [("a", "x"), ("b", "y")])
        stream = entries([path], room=room)
        assert next(stream).path.exists()
        stream.close()
        assert list(room.iterdir()) == []

    def test_a_full_disk_ends_everything(self, room, tmp_path, monkeypatch, write):
        path = zipped(tmp_path / "z.zip", [("a", CHINESE * 9), ("b", "y")])
        opened = os.fdopen

        class Full:
            def __init__(self, file):
                self.file = file

            def __enter__(self):
                return self

            def __exit__(self, *_):
                self.file.close()

            def write(self, _):
                raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fdopen", lambda *a, **k: Full(opened(*a, **k)))
        with pytest.raises(YuhuError) as error:
            list(entries([path], room=room))
        assert (error.value.code, error.value.facts["file"]) == ("YH209", "a")
        assert list(room.iterdir()) == []

    def test_a_file_that_changes_while_it_is_read(self, room, write):
        path = write("a.csv", "x")
        [entry] = entries([path], room=room)
        assert not entry.has_changed
        with path.open("ab") as file:
            file.write(b"y")
        assert entry.has_changed
        path.unlink()
        assert entry.has_changed
        assert fingerprint(path) is None

    def test_an_archive_that_changes_while_it_is_read(self, room, tmp_path):
        path = zipped(tmp_path / "z.zip", [("a", "x"), ("b", "y")])
        stream = entries([path], room=room)
        first = next(stream)
        os.utime(path, ns=(1, 1))
        assert first.has_changed
        assert next(stream).has_changed


def test_real_programs_pack_as_expected(through, write, tmp_path):
    """gzip, zstd and zip as people use them, where the machine has them."""
    write("e/a.csv", CHINESE)
    write("e/b.csv", CHINESE.encode("gb18030"))
    for command in (["gzip", "-k", "a.csv"], ["zstd", "-q", "a.csv"], ["zip", "-q", "both.zip", "a.csv", "b.csv"]):
        try:
            subprocess.run(command, cwd=tmp_path / "e", check=True)
        except FileNotFoundError:
            continue
    found = through(tmp_path / "e")
    assert set(found.contents) == {CHINESE.encode()}
