"""What the door costs before an importer reads: clean UTF-8 beside plain reading, GB18030 beside Python's own decoder in one go."""

import pytest

from corpus import ROWS
from yuhu.sources.door import entries


@pytest.fixture(scope="module")
def text():
    texts = [
        "看到最后真的哭了",
        "它们一定会回家的",
        "小玉壶快回家！",
        "我在外地工作，特别想家",
        "导演太会拍了",
        "ok",
        "哈哈哈哈哈哈",
        "这段音乐一响就绷不住",
    ]
    return "".join(f"{at},{texts[at % len(texts)]},3\n" for at in range(ROWS))


@pytest.fixture
def room(tmp_path):
    folder = tmp_path / "room"
    folder.mkdir(mode=0o700)
    return folder


def through(path, room):
    [size] = [entry.path.stat().st_size for entry in entries([path], room=room) if entry.error is None]
    return size


@pytest.mark.benchmark(group="clean UTF-8")
@pytest.mark.parametrize("reader", ["door", "decode"])
def test_utf8(benchmark, text, room, tmp_path, reader):
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    read = {"door": lambda: through(path, room), "decode": lambda: len(path.read_bytes().decode().encode())}[reader]
    assert benchmark.pedantic(read, rounds=3) == path.stat().st_size


@pytest.mark.benchmark(group="GB18030")
@pytest.mark.parametrize("reader", ["door", "decode"])
def test_gb18030(benchmark, text, room, tmp_path, reader):
    path, out = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text(text, "gb18030")
    read = {"door": lambda: through(path, room), "decode": lambda: out.write_bytes(path.read_bytes().decode("gb18030").encode())}[reader]
    assert benchmark.pedantic(read, rounds=3) == len(text.encode())
