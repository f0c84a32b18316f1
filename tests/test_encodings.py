"""Which encoding a text is in: short messages in five scripts, files in two encodings, and UTF-8 that is merely broken."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentences import JAPANESE, KOREAN, LATIN, SIMPLIFIED, TRADITIONAL
from yuhu.core.errors import YuhuError
from yuhu.sources.encodings import declaration, legacy_of, marked, named, wide
from yuhu.sources.kinds import foreign, looks_binary, packing, passes_whole
from yuhu.sources.plausible import plausibility
from yuhu.sources.utf8 import is_utf8

WRITTEN = [
    *((text, "gb18030", "gb18030") for text in SIMPLIFIED),
    *((text, "big5", "cp950") for text in TRADITIONAL),
    *((text, "shift_jis", "cp932") for text in JAPANESE),
    *((text, "euc_kr", "cp949") for text in KOREAN),
    *((text, "cp1252", "cp1252") for text in LATIN),
]


def test_there_are_enough_sentences_in_each_script():
    assert all(len(set(texts)) >= 30 for texts in (SIMPLIFIED, TRADITIONAL, JAPANESE))


@pytest.mark.parametrize(("text", "encoding", "codec"), WRITTEN, ids=[f"{codec}-{at}" for at, (_, _, codec) in enumerate(WRITTEN)])
def test_one_short_message_is_enough(text, encoding, codec):
    assert legacy_of(text.encode(encoding)) == codec


@pytest.mark.parametrize("text", TRADITIONAL)
def test_traditional_chinese_saved_by_mainland_windows(text):
    assert legacy_of(text.encode("gb18030")) == "gb18030"


@pytest.mark.parametrize("text", [text for text in JAPANESE if re.search("[ぁ-ん]{4}", text)])
def test_japanese_from_unix(text):
    sample = text.encode("euc_jp")
    assert sample.decode(legacy_of(sample)) == text


@pytest.mark.parametrize("text", JAPANESE)
def test_japanese_saved_by_mainland_windows(text):
    """Kana stand at the same places in GB18030 and EUC-JP, characters do not."""
    sample = "\n".join([text, *JAPANESE[:3]]).encode("gb18030")
    assert sample.decode(legacy_of(sample), "replace") == sample.decode("gb18030")


def test_cantonese_needs_the_hong_kong_characters():
    text = "佢哋喺度咗好耐，啲嘢好嘅"
    assert legacy_of(text.encode("big5hkscs")) == "big5hkscs"


@pytest.mark.parametrize(
    "content",
    [
        "Привет, как дела".encode("cp1251"),
        "สวัสดีครับ ผมชอบมาก".encode("cp874"),
        "مرحبا كيف الحال".encode("cp1256"),
        bytes(range(128, 256)),
        b"\xff\xfe\xfd\xfc" * 5,
        "é".encode("cp1252") * 40,
    ],
    ids=["cyrillic", "thai", "arabic", "every byte", "ones", "accents without words"],
)
def test_what_is_not_plausible_is_not_guessed(content):
    assert legacy_of(content) is None


def test_a_declaration_tips_the_scale_but_does_not_decide():
    ambiguous = "棒棒".encode("big5")
    assert legacy_of(ambiguous) == "gb18030"
    assert legacy_of(ambiguous, "cp950") == "cp950"
    assert legacy_of("看到最后真的哭了".encode("gb18030"), "cp950") == "gb18030"


@given(st.lists(st.sampled_from(SIMPLIFIED), min_size=1, max_size=8))
def test_longer_texts_are_more_certain(texts):
    text = "\n".join(texts)
    sample = text.encode("gb18030")
    assert legacy_of(sample) == "gb18030"
    right = plausibility(text, "hans")
    wrong = [plausibility(sample.decode(codec, "replace"), language) for codec, language in (("cp950", "hant"), ("cp932", "ja"))]
    assert right > 1 > max(wrong)


@pytest.mark.parametrize(
    ("said", "codec"),
    [
        ("GBK", "gb18030"),
        ("gb2312", "gb18030"),
        ("Big5", "cp950"),
        ("sjis", "cp932"),
        ("UTF8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("UTF_16LE", "utf-16-le"),
        ("latin-1", "iso8859-1"),
        ("euc-kr", "cp949"),
    ],
)
def test_names_mean_the_widest_of_their_family(said, codec):
    assert named(said) == codec


@pytest.mark.parametrize("said", ["", "nonsense", "base64", "rot13", "hex", "undefined", "gb\x00k", "x" * 300])
def test_a_name_that_is_no_encoding(said):
    with pytest.raises(YuhuError) as error:
        named(said)
    assert error.value.code == "YH105"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text",
    [
        "text,likes\n看到最后真的哭了，好看,3\n" * 3,
        "only ascii\n",
        "abcd",
        "id,text\n这个演员眼神里全是戏\n",
        "我,哭\n田舎の母,に\n",
        '{"text": "泪目"}',
    ],
)
def test_wide_texts_without_a_mark(codec, text):
    assert wide(text.encode(codec)) == codec


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"\x00" * 4096,
        b"plain",
        b"a\x00b",
        b"id,text\n1,a\x00\n" * 20,
        "看到最后\x00".encode(),
        b"text\n" + b"\x00" * 501,
        bytes(range(256)) * 8,
    ],
)
def test_zero_bytes_alone_do_not_make_a_text_wide(content):
    assert wide(content) is None


def test_marks():
    for codec in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        assert marked("\ufeff我".encode(codec)) == codec
    assert marked("我".encode()) is None


def test_declarations_are_found_at_the_start_alone():
    assert declaration(b'<?xml version="1.0" encoding="GBK"?><i/>') == ("GBK", slice(19, 34))
    assert declaration(b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8' ?>")[0] == "utf-8"
    assert declaration(b'text <?xml version="1.0" encoding="GBK"?>') is None
    assert declaration(b'<?xml version="1.0"?><d encoding="GBK"/>') is None


@given(st.binary(max_size=200))
def test_utf8_is_what_python_says(content):
    long = content * (5000 // (len(content) or 1) + 1)
    for tried in (content, long):
        try:
            tried.decode()
            truth = True
        except UnicodeDecodeError:
            truth = False
        assert is_utf8(tried) is truth


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff\xe0", "a JPEG image"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "an image"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "a video or audio file"),
        (b"\x00\x00\x00\x20ftypisom", "a video or audio file"),
        (b"G" + bytes(187) + b"G" + bytes(range(187)) + b"G" + bytes(187) + b"G", "a video or audio file"),
        (b"%PDF-1.7", "a PDF document"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"BZh91AY&SY", "a bzip2 archive"),
        (bytes(257) + b"ustar\x0000", "a tar archive"),
    ],
)
def test_what_no_importer_reads(head, name):
    assert foreign(head) == name


@pytest.mark.parametrize(
    "text", ["BM,text\n", "ID3,text\n", "BZh,text\n", "GIF89,text\n", "OggS\n", "RIFF,a\n", "MThd\n", "II*\n", "G" * 999, "PK,x"]
)
def test_texts_that_begin_like_something_else(text):
    head = text.encode()
    assert (foreign(head), packing(head), passes_whole(head)) == (None, None, False)


def test_binary_is_told_by_its_controls():
    element = (
        b"\x0a\x39\x08\x96\x01\x10\xe8\x07\x18\x01 \x19(\xff\xff\xff\x072\x08a1b2c3d4:\x0c"
        + "好看哭了".encode()
        + b"@\xb9\x8a\x99\xa8\x06H\x0a"
    )
    assert looks_binary(element * 20)
    assert not looks_binary(("看到最后真的哭了\n" * 20 + "\x01").encode("gb18030") * 9 + b"\x00" * 5000)
