"""Reports: every number with what it needs, hostile text made harmless, the same bytes again."""

import re
from html.parser import HTMLParser

import pytest

import yuhu
from files import HOTLIST, danmaku_xml, every_format, write
from yuhu.core.errors import YuhuError
from yuhu.reporting.numbers import percent
from yuhu.reporting.words import FINDING, LIMITS, TARGET, WORDS

EVIL = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture
def reported(tmp_path):
    study = yuhu.init(tmp_path / "s", title=EVIL)
    files = every_format(tmp_path)
    evil = write(tmp_path, "weibo_evil.csv", HOTLIST.replace("逃出大英博物馆", '"' + EVIL.replace('"', '""') + '"'))
    yuhu.add(study, [*files, evil], skip_broken=False)
    rows = [(at, EVIL + "哭了", {}) for at in range(30)]
    yuhu.add(yuhu.open(study.path), [write(tmp_path, "evil.xml", danmaku_xml(rows, chat=EVIL))])
    return yuhu.open(study.path)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_report_is_self_contained_and_harmless(reported, lang):
    text = yuhu.run(reported, language=lang).read_text("utf-8")
    page = Page(text)
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    links = [value for name, value in page.attributes if name in {"href", "src", "xlink:href"}]
    assert all(link.startswith("#") for link in links), links
    assert "default-src 'none'" in text
    outside = re.sub(r'xmlns(:\w+)?="[^"]*"', "", text)
    assert not re.search(r"""(?:src|href|url\()\s*=?\s*["']?(?:https?:)?//""", outside)
    assert f'<html lang="{"zh-Hans" if lang == "zh" else "en"}">' in text


def test_every_id_is_used_once(reported):
    text = yuhu.run(reported).read_text("utf-8")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_numbers_come_with_n_method_rung_and_reason(reported):
    text = yuhu.run(reported).read_text("utf-8")
    assert "machine only: not validated" in text
    assert "machine_count.v1" in text
    assert re.search(r"\d+\.\d+\u00a0% \(\d[\d,]* / \d[\d,]*\)", text)
    assert "NaN" not in text
    assert "nan\u00a0%" not in text
    for section in ("At a glance", "What cannot be concluded", "Methods", "Codebook"):
        assert section in text


def test_no_message_is_quoted(reported, tmp_path):
    yuhu.add(reported, [write(tmp_path, "q.xml", danmaku_xml([(1, "ZQXJ哭了UNIQUE", {})], chat="9"))])
    assert "ZQXJ" not in yuhu.run(yuhu.open(reported.path)).read_text("utf-8")


def test_a_second_run_writes_nothing(reported):
    yuhu.run(reported)
    state = {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in reported.path.rglob("*") if path.is_file() and path.name != ".lock"
    }
    yuhu.run(yuhu.open(reported.path))
    after = {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in reported.path.rglob("*") if path.is_file() and path.name != ".lock"
    }
    assert set(after) == set(state)
    changed = [path.name for path in state if state[path][0] != after[path][0]]
    assert changed == []


def test_report_errors(study):
    with pytest.raises(YuhuError, match="YH602"):
        yuhu.report(study)
    with pytest.raises(YuhuError, match="YH601"):
        yuhu.report(study, language="fr")
    with pytest.raises(YuhuError, match="YH207"):
        yuhu.measure(study)
    with pytest.raises(YuhuError, match="YH207"):
        yuhu.code(study)


def test_a_study_with_metrics_only(study, tmp_path):
    yuhu.add(study, [write(tmp_path, "weibo_hot.csv", HOTLIST)])
    text = yuhu.run(yuhu.open(study.path)).read_text("utf-8")
    assert "逃出大英博物馆" in text


def test_words_are_complete_in_both_languages():
    for table in (WORDS, FINDING, LIMITS, TARGET):
        for key, texts in table.items():
            assert set(texts) == {"en", "zh"}, key
            assert set(re.findall(r"\{(\w+)\}", texts["en"])) == set(re.findall(r"\{(\w+)\}", texts["zh"])), key


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.123, "12.3\u00a0%"), (0.0012, "0.12\u00a0%"), (0.00001, "< 0.01\u00a0%"), (0.0, "0.0\u00a0%"), (1.0, "100.0\u00a0%"), (None, "–")],
)
def test_percent(share, text):
    assert percent(share) == text
