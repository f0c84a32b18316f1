"""Cleaning: what each rule finds, as columns and flags beside messages that stay as they are."""

import datetime as dt
import json
import os
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import yuhu
from files import NICONICO, danmaku_xml, write
from messages import MESSAGES
from yuhu.core.codebook import built_in_codebook
from yuhu.core.ids import text_key
from yuhu.core.schema import conform, frame_schema
from yuhu.study.derived import CLEANED_TEXTS, read_cleaned
from yuhu.texts import greetings, spam_rate, spam_text
from yuhu.texts.copy_form import copy_form
from yuhu.texts.emoji_names import emoji_names
from yuhu.texts.exact import counts, repeats
from yuhu.texts.formulas import formulas
from yuhu.texts.language import detect, judge
from yuhu.texts.rules import COPIES, FLAGS, RULES, rules_hash
from yuhu.texts.simplified import simplify
from yuhu.verbs import clean as room
from yuhu.verbs.clean import clean, find

AT = dt.datetime(2023, 8, 30, 12, tzinfo=dt.UTC)


def responses(rows):
    """A frame of responses; a row is a text, or a text with some columns."""
    made = []
    for at, row in enumerate(rows):
        given = {"text": row} if isinstance(row, str) else dict(row)
        usual = {
            "response_id": f"bilibili:v:danmaku:{at:04d}",
            "video_id": "bilibili:v",
            "platform": "bilibili",
            "kind": "danmaku",
            "lang": detect([given["text"]])[0],
            "text_key": text_key(given["text"]),
            "sent_at": AT + dt.timedelta(minutes=at),
            "sent_at_precision_s": 1,
            "is_special": False,
        }
        made.append({**usual, **given})
    schema = frame_schema("responses")
    return conform(pl.DataFrame(made, infer_schema_length=None), schema) if made else pl.DataFrame(schema=schema)


def found(rows):
    return find(responses(rows).lazy())


def texts_of(rows, *columns):
    return found(rows).texts.select(columns)


# the table of rules


def test_every_rule_says_what_it_is():
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.version.split(".")[-1].startswith("v")
        assert set(rule.label) == set(rule.what) == {"zh", "en"}
        assert all(text.strip() and "\n" not in text for text in (*rule.label.values(), *rule.what.values()))
        json.dumps(dict(rule.parameters))
    assert FLAGS == (
        "special", "ritual", "herd", "greeting_flood", "suspected_spam_text", "suspected_spam_rate", "exact_copy", "near_copy",
    )  # fmt: skip
    assert COPIES == ("exact_copy", "near_copy")


def test_each_rule_is_documented():
    page = (Path(__file__).parents[1] / "docs" / "cleaning.md").read_text("utf-8")
    for rule in RULES:
        assert f"`{rule.version}`" in page, rule.version
        for name, value in rule.parameters.items():
            if isinstance(value, int | float):
                assert str(value) in page or f"{value:,}" in page, f"{rule.name}: {name}"


def test_golden_what_the_rules_find(golden):
    rows = [
        {"text": text, "lang": "ja" if text.isascii() is False and detect([text])[0] == "ja" else detect([text])[0]} for text in MESSAGES
    ]
    outcome = found(rows)
    frame = responses(rows).join(outcome.texts, on=["text_key", "lang"], how="left", maintain_order="left")
    flags: dict[str, list[str]] = {}
    for rule, ids in outcome.flagged.items():
        for name in ids:
            flags.setdefault(name, []).append(rule)
    groups = {group: at for at, group in enumerate(dict.fromkeys(frame["near_group"]))}
    table = [
        {
            "text": row["text"],
            "lang": f"{row['lang']} {row['lang_confidence']:.2f}" + (" mixed" if row["is_mixed"] else ""),
            "normal": row["normal"],
            "n_equal": row["n_equal"],
            "near": groups[row["near_group"]],
            "emoji": row["emoji"],
            "flags": flags.get(row["response_id"], []),
        }
        for row in frame.iter_rows(named=True)
    ]
    golden("cleaning/messages", {"rules": {rule.name: rule.version for rule in RULES}, "messages": table})


# language


def test_language_is_as_it_was_and_says_how_sure_it_is():
    judged = judge(MESSAGES)
    assert judged["lang"].equals(detect(MESSAGES))
    assert judged["confidence"].is_between(0, 1).all()
    assert judged.filter(pl.col("lang") == "und")["confidence"].unique().to_list() == [0.0]
    sure = dict(zip(MESSAGES, judged["confidence"], strict=True))
    assert sure["打卡"] < sure["对不起，我来晚了"] < 1
    assert sure["early"] < sure["my heart broke when she said she wants to go home"]


@pytest.mark.parametrize(
    ("text", "is_mixed"),
    [
        ("逃出大英博物馆 is so good", True),
        ("i cried 太难受了 why is it so good", True),
        ("这个vlog系列我每天都在看啊好喜欢", False),
        ("呜呜呜真的好好听求个Apple music", True),
        ("这首 love story 真好听", True),
        ("我の天", False),
        ("hello", False),
        ("", False),
        ("😭", False),
    ],
)
def test_mixed_scripts(text, is_mixed):
    assert judge([text])["is_mixed"][0] is is_mixed


@given(st.lists(st.text("哭了啊の泣あcry the home о грусть 한국 [doge]!😭\n", max_size=14), max_size=8), st.sampled_from(["zh", "ja"]))
def test_law_judging_is_one_by_one_and_agrees_with_detect(texts, han_is):
    judged = judge(texts, han_is=han_is)
    assert judged["lang"].to_list() == detect(texts, han_is=han_is).to_list()
    assert judged.rows() == [judge([text], han_is=han_is).row(0) for text in texts]
    assert judged.filter(pl.col("lang") == "mul")["is_mixed"].all()


def test_language_of_a_text_that_the_file_states_otherwise_has_no_confidence():
    rows = [{"text": "她说想回家", "lang": "zh"}, {"text": "泣いた", "lang": "en"}]
    by_lang = dict(texts_of(rows, "lang", "lang_confidence").rows())
    assert by_lang["zh"] > 0.8
    assert by_lang["en"] is None


# forms


def test_simplified_texts_with_lines_of_their_own():
    texts = pl.Series(["淚目\n說\n\n", "abc", None, "她說", "\n", "泪"])
    assert simplify(texts).to_list() == ["泪目\n说\n\n", "abc", None, "她说", "\n", "泪"]


@given(st.lists(st.text("淚說彈幕護體a \n哭", max_size=8), max_size=8))
def test_law_simplifying_together_is_simplifying_one_by_one(texts):
    assert simplify(pl.Series(texts, dtype=pl.String)).to_list() == [simplify(pl.Series([text]))[0] for text in texts]


def test_japanese_texts_keep_their_characters():
    rows = [{"text": "日本から見ています", "lang": "ja"}, {"text": "我見過她", "lang": "zh"}]
    assert set(texts_of(rows, "simplified")["simplified"]) == {"日本から見ています", "我见过她"}


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("哭死我了！！！😭", "哭死我了"),
        ("ＡＢＣ　abc", "abcabc"),
        ("哈哈哈哈哈哈", "哈哈"),
        ("2000年", "2000年"),
        ("第111集", "第111集"),
        ("8888888", "88"),
        ("666 666", "66"),
        ("23333哈哈哈", "23333哈哈"),
        ("11月11日", "11月11日"),
        ("好[doge]好", "好好"),
        ("回复 @person_0a1b2c3d :好看", "好看"),
        ("@person_0a1b2c3d", "@person_0a1b2c3d"),
        ("😭😭😭", "😭😭"),
        ("[doge]", "[doge]"),
        ("。。。", "。。"),
        ("1️⃣", "1"),
        ("", ""),
    ],
)
def test_form_for_duplicates(text, form):
    assert copy_form(pl.Series([text])).to_list() == [form]


@given(st.lists(st.text("aab!好好 😭11", max_size=10), max_size=10))
def test_law_the_form_is_that_of_each_text_and_has_no_long_runs(texts):
    forms = copy_form(pl.Series(texts, dtype=pl.String)).to_list()
    assert forms == [copy_form(pl.Series([text]))[0] for text in texts]
    assert not any(form[at : at + 3] == form[at] * 3 and not form[at].isdigit() for form in forms for at in range(len(form)))
    assert copy_form(pl.Series(forms, dtype=pl.String)).to_list() == forms


def test_emoji_by_name():
    names = emoji_names(pl.Series(["哭😭[泪] a 👨‍👩‍👧", "❤️1️⃣", "没有", None, "👍🏽"]))
    assert names["emoji"].to_list() == [
        ["loudly_crying_face", "[泪]", "family_man_woman_girl"],
        ["red_heart", "keycap_1"],
        [],
        [],
        ["thumbs_up_medium_skin_tone"],
    ]
    assert names["emoji_zh"].to_list()[0] == ["放声大哭", "[泪]", names["emoji_zh"][0][2]]


def test_every_emoji_of_the_library_is_named():
    import emoji

    known = pl.Series(list(emoji.EMOJI_DATA))
    names = emoji_names(known)
    assert (names["emoji"].list.len() == 1).all()
    assert names["emoji"].list.first().to_list() == [emoji.EMOJI_DATA[sign]["en"].strip(":") for sign in known]


# copies


def test_counts_of_equal_texts():
    rows = [
        {"text": "还我国宝", "author_key": "a", "video_id": "v1"},
        {"text": "还我国宝！！", "author_key": "b", "video_id": "v1"},
        {"text": "還我國寶", "author_key": "b", "video_id": "v2"},
        {"text": "还我国宝", "author_key": None, "video_id": None},
        {"text": "别的", "author_key": None, "video_id": "v1"},
    ]
    table = texts_of(rows, "normal", "n_equal", "n_authors", "n_videos", "n_most").unique().sort("n_equal")
    assert table.rows() == [("别的", 1, None, 1, 1), ("还我国宝", 4, 2, 2, 2)]


def test_the_earliest_of_equals_stays():
    rows = [
        {"text": "还我国宝", "sent_at": AT + dt.timedelta(hours=2)},
        {"text": "还我国宝", "sent_at": AT},
        {"text": "还我国宝", "sent_at": None, "at_ms": 0},
    ]
    assert sorted(found(rows).flagged["exact_copy"]) == ["bilibili:v:danmaku:0000", "bilibili:v:danmaku:0002"]


def test_equal_texts_of_two_languages_are_two():
    rows = [{"text": "最高", "lang": "zh"}, {"text": "最高", "lang": "ja"}, {"text": "最高!", "lang": "ja"}]
    outcome = found(rows)
    assert outcome.flagged["exact_copy"].to_list() == ["bilibili:v:danmaku:0002"]
    assert sorted(outcome.texts["n_equal"]) == [1, 2, 2]


def test_near_copies_hold_the_exact_ones():
    rows = ["她说想回家，我真的哭到不行", "她说想回家，我真的哭到不行了", "她说想回家，我真的哭到不行！", "完全不同的另一句话在这里"]
    outcome = found(rows)
    assert outcome.flagged["exact_copy"].to_list() == ["bilibili:v:danmaku:0002"]
    assert outcome.flagged["near_copy"].to_list() == ["bilibili:v:danmaku:0001", "bilibili:v:danmaku:0002"]
    assert sorted(outcome.texts["n_near"]) == [1, 3, 3, 3]
    assert outcome.texts["near_group"].n_unique() == 2


def test_special_danmaku_are_nobodys_copy():
    rows = [{"text": "还我国宝", "is_special": True}, "还我国宝", "还我国宝"]
    outcome = found(rows)
    assert outcome.flagged["special"].to_list() == ["bilibili:v:danmaku:0000"]
    assert outcome.flagged["exact_copy"].to_list() == ["bilibili:v:danmaku:0002"]
    assert outcome.texts["n_equal"].to_list() == [2]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", None])), max_size=12))
def test_law_repeats_and_counts(rows):
    frame = pl.DataFrame(rows, schema={"same": pl.String, "author_key": pl.String}, orient="row").with_columns(video_id=pl.lit("v"))
    assert repeats(frame, "same").sum() == len(rows) - len({text for text, _ in rows})
    table = counts(frame, "same")
    assert dict(table.select("same", "n_equal").rows()) == {text: sum(one == text for one, _ in rows) for text, _ in rows}
    for text, n in table.select("same", "n_authors").rows():
        assert (n or 0) == len({author for one, author in rows if one == text and author})


# formulas


def formulas_of(text):
    row = formulas(simplify(pl.Series([text]))).row(0, named=True)
    return {name.removeprefix("is_") for name, holds in row.items() if holds}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("打卡，她说想回家我哭了", set()),
        ("第一", {"check_in"}),
        ("b站第一次让我哭", set()),
        ("2020新年快乐", {"greeting"}),
        ("名场面打卡", {"herd", "check_in"}),
        ("来了来了", {"greeting"}),
        ("对不起，我来晚了", set()),
        ("我来晚了", {"check_in"}),
        ("前方高能！！", {"herd"}),
        ("非战斗人员撤离！快转起来", set()),
        ("Who's still watching this in 2024??", {"check_in"}),
        ("9.1", set()),
        ("1:23", set()),
        ("9.1打卡", {"check_in"}),
        ("\ue000", set()),
        ("打卡" * 40, set()),
        ("哈哈哈哈", set()),
        ("", set()),
    ],
)
def test_formulas(text, kinds):
    assert formulas_of(text) == kinds


def test_codebook_examples_of_ritual_are_flagged_and_the_others_are_not():
    code = built_in_codebook().code("kind")
    for example in code.examples:
        kinds = formulas_of(example.text)
        if example.value == "ritual":
            assert kinds & {"check_in", "herd"}, example.text
        else:
            assert not kinds, example.text


@given(st.text(max_size=40))
def test_law_any_text_is_survived(text):
    clean_text = text.encode("utf-8", "replace").decode()
    outcome = found([clean_text])
    assert outcome.texts.height == 1


# floods


def test_a_flood_of_greetings_needs_five_in_five_seconds():
    def at(ms, text="来了"):
        return {"text": text, "at_ms": ms}

    five = [at(0), at(900, "打卡"), at(2000, "晚上好"), at(3000, "第一"), at(4999, "来啦")]
    assert len(found([*five, at(5000), at(1000, "好看")]).flagged["greeting_flood"]) == 5
    assert len(found(five[:4]).flagged["greeting_flood"]) == 0
    assert len(found([{**row, "video_id": f"v{place}"} for place, row in enumerate(five)]).flagged["greeting_flood"]) == 0
    assert len(found([{**row, "at_ms": None} for row in five]).flagged["greeting_flood"]) == 0
    assert (greetings.WINDOW_MS, greetings.FEWEST) == (5000, 5)


# suspected spam


def spam_rows(videos, sent, text="私信我领取全套资料", author="a"):
    return [{"text": text, "author_key": author, "video_id": f"v{at % videos}"} for at in range(sent)]


@pytest.mark.parametrize(
    ("rows", "n"),
    [
        (spam_rows(3, 5), 5),
        (spam_rows(2, 9), 0),
        (spam_rows(3, 4), 0),
        (spam_rows(3, 5, text="打卡"), 0),
        (spam_rows(3, 5, author=None), 0),
        (spam_rows(3, 5) + spam_rows(3, 5, author="b", text="另外一句不长不短的话"), 10),
        ([{**row, "author_key": f"a{at}"} for at, row in enumerate(spam_rows(3, 9))], 0),
    ],
)
def test_the_same_text_again_and_again(rows, n):
    assert len(found(rows).flagged["suspected_spam_text"]) == n
    assert (spam_text.SENT, spam_text.VIDEOS, spam_text.SHORTEST) == (5, 3, 6)


def burst(n, apart_s, **more):
    return [{"text": f"第{at}句话", "author_key": "a", "sent_at": AT + dt.timedelta(seconds=at * apart_s), **more} for at in range(n)]


@pytest.mark.parametrize(
    ("rows", "n"),
    [
        (burst(21, 3), 21),
        (burst(21, 3.1), 0),
        (burst(20, 1), 0),
        (burst(40, 3), 40),
        ([*burst(30, 2), {"text": "很久以后", "author_key": "a", "sent_at": AT + dt.timedelta(days=1)}], 30),
        (burst(50, 1, sent_at_precision_s=60), 0),
        (burst(50, 1, sent_at_precision_s=None), 0),
        (burst(50, 1, author_key=None), 0),
        (burst(50, 0), 50),
        (burst(50, 0) + burst(21, 0, author_key="b"), 0),  # one second of more than 20 others is a time of the platform's
        (burst(50, 0) + burst(20, 0, author_key="b"), 50),
        (burst(30, 0) + [{**row, "author_key": None} for row in burst(21, 0)], 0),
        (burst(50, 1, is_special=True), 0),
    ],
)
def test_more_than_a_person_types(rows, n):
    assert len(found(rows).flagged["suspected_spam_rate"]) == n
    assert (spam_rate.MOST, spam_rate.WINDOW_S) == (20, 60)


# laws of the whole

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.sampled_from(
                [
                    "打卡",
                    "前方高能",
                    "来了",
                    "她说想回家，我真的哭到不行",
                    "她说想回家，我真的哭到不行了",
                    "她說想回家，我真的哭到不行",
                    "so sad",
                    "😭",
                    "泣いた",
                ]
            ),
            "author_key": st.sampled_from(["a", "b", None]),
            "video_id": st.sampled_from(["v1", "v2", None]),
            "at_ms": st.sampled_from([None, 0, 1000, 9000]),
            "is_special": st.sampled_from([False, False, None, True]),
        }
    ),
    max_size=14,
)


@settings(max_examples=30)
@given(ROWS, st.randoms(use_true_random=False))
def test_law_the_order_of_rows_decides_nothing(rows, dice):
    frame = responses(rows)
    turned = frame.sample(fraction=1, shuffle=True, seed=dice.randrange(1000)) if frame.height else frame
    one, other = find(frame.lazy()), find(turned.lazy())
    assert one.texts.equals(other.texts)
    assert {rule: ids.to_list() for rule, ids in one.flagged.items()} == {rule: ids.to_list() for rule, ids in other.flagged.items()}


@settings(max_examples=30)
@given(ROWS)
def test_law_flags_are_of_messages_and_add_up(rows):
    frame = responses(rows)
    outcome = find(frame.lazy())
    assert outcome.texts.columns == CLEANED_TEXTS.names
    ids = set(frame["response_id"])
    for found_ids in outcome.flagged.values():
        assert found_ids.is_unique().all()
        assert set(found_ids) <= ids
    assert set(outcome.flagged["exact_copy"]) <= set(outcome.flagged["near_copy"])
    ordinary = frame.filter(~pl.col("is_special").fill_null(value=False))
    assert outcome.texts.select("text_key", "lang").n_unique() == ordinary.select("text_key", "lang").n_unique()
    distinct = outcome.texts.unique(["normal", "lang"])
    assert distinct["n_equal"].sum() == ordinary.height
    assert len(outcome.flagged["exact_copy"]) == ordinary.height - distinct.height


@settings(max_examples=30)
@given(ROWS.filter(bool), st.integers(0, 13))
def test_law_one_more_copy_raises_the_count_by_one(rows, place):
    rows = [{**row, "is_special": False} for row in rows]
    copied = rows[place % len(rows)]
    before, after = found(rows), found([*rows, {**copied, "author_key": "somebody new"}])
    text = text_key(copied["text"])
    counts_of = [outcome.texts.filter(pl.col("text_key") == text).row(0, named=True) for outcome in (before, after)]
    assert counts_of[1]["n_equal"] == counts_of[0]["n_equal"] + 1
    assert counts_of[1]["n_near"] == counts_of[0]["n_near"] + 1
    assert counts_of[1]["n_authors"] == (counts_of[0]["n_authors"] or 0) + 1
    assert len(after.flagged["exact_copy"]) == len(before.flagged["exact_copy"]) + 1


# the step


@pytest.fixture
def cleaned_study(study, tmp_path):
    rows = [(at / 10, text, {}) for at, text in enumerate(text for text in MESSAGES if text)]
    yuhu.add(study, [write(tmp_path, "ep.xml", danmaku_xml(rows))])
    return yuhu.open(study.path)


def state(folder):
    return {
        path.relative_to(folder): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_cleaning_adds_files_and_changes_none(cleaned_study):
    before = state(cleaned_study.path)
    done = clean(cleaned_study)
    after = state(cleaned_study.path)
    assert {path: after[path] for path in before} == before
    assert {path.name for path in set(after) - set(before)} == {"texts.parquet", "flags.parquet", "cleaning.json"}
    assert done.texts().collect().height == done.manifest["texts"]
    assert done.flags().group_by("rule").len().collect().height == sum(n > 0 for n in done.flagged.values())
    assert done.flagged["ritual"] > 20


def test_cleaning_again_writes_nothing_and_anew_the_same_bytes(cleaned_study):
    clean(cleaned_study)
    first = state(cleaned_study.path)
    clean(cleaned_study)
    assert state(cleaned_study.path) == first
    for path in (cleaned_study.path / "derived").rglob("*.*"):
        path.unlink()
    clean(cleaned_study)
    assert {path: content for path, (content, _) in state(cleaned_study.path).items()} == {
        path: content for path, (content, _) in first.items()
    }


def test_new_files_make_it_stale_and_the_old_goes(cleaned_study, tmp_path):
    old = clean(cleaned_study)
    yuhu.add(cleaned_study, [write(tmp_path, "more.xml", danmaku_xml([(1, "打卡", {})], chat="77"))])
    fresh = yuhu.open(cleaned_study.path)
    assert read_cleaned(fresh) is None
    new = clean(fresh)
    assert [path.name for path in (fresh.path / "derived").iterdir()] == [new.path.name]
    assert new.path != old.path
    assert new.flagged["ritual"] == old.flagged["ritual"] + 1
    assert new.flagged["exact_copy"] == old.flagged["exact_copy"] + 1


def test_other_rules_make_it_stale(cleaned_study, monkeypatch):
    old = clean(cleaned_study)
    monkeypatch.setattr("yuhu.study.derived.rules_hash", lambda: "other")
    monkeypatch.setattr("yuhu.verbs.clean.rules_hash", lambda: "other")
    assert read_cleaned(cleaned_study) is None
    assert clean(cleaned_study).rules == "other"
    monkeypatch.undo()
    assert read_cleaned(cleaned_study) is None
    assert clean(cleaned_study).rules == old.rules == rules_hash()


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"rules": 1}'])
def test_a_manifest_that_says_nothing_is_none(cleaned_study, damage):
    done = clean(cleaned_study)
    (done.path / "cleaning.json").write_text(damage, "utf-8")
    assert read_cleaned(cleaned_study) is None
    assert clean(cleaned_study).manifest == done.manifest


def test_a_step_that_stops_leaves_nothing_that_counts(cleaned_study, monkeypatch):
    done = clean(cleaned_study)
    (done.path / "cleaning.json").unlink()

    def full(*_):
        raise OSError(28, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(yuhu.YuhuError, match="YH209"):
        clean(cleaned_study)
    monkeypatch.undo()
    assert read_cleaned(cleaned_study) is None
    assert clean(cleaned_study).manifest == done.manifest
    assert sorted(path.name for path in done.path.iterdir()) == ["cleaning.json", "flags.parquet", "texts.parquet"]


def test_an_empty_study_has_nothing_to_clean(study):
    with pytest.raises(yuhu.YuhuError, match="YH207"):
        clean(study)
    assert yuhu.status(study)["cleaning"] == {"is_current": False, "texts": None, "flagged": {}, "leave_out": []}
    empty = find(responses([]).lazy())
    assert (empty.texts.height, empty.messages) == (0, 0)
    assert [len(ids) for ids in empty.flagged.values()] == [0] * len(FLAGS)


def test_niconico_without_authors(study, tmp_path):
    yuhu.add(study, [write(tmp_path, "sm1.json", NICONICO)])
    done = clean(yuhu.open(study.path))
    table = done.texts().collect()
    assert table["n_authors"].null_count() == table.height
    assert set(table["lang"]) <= {"ja", "und"}
    assert done.flagged["suspected_spam_text"] == done.flagged["suspected_spam_rate"] == 0


def test_only_special_danmaku(study, tmp_path):
    rows = [(1, '["0","0","1-1","4.5","position"]', {"mode": 7})] * 2
    yuhu.add(study, [write(tmp_path, "s.xml", danmaku_xml(rows))])
    done = clean(yuhu.open(study.path))
    assert (done.manifest["texts"], done.flagged["special"]) == (0, 2)


def test_status_counts_flags(cleaned_study):
    done = clean(cleaned_study)
    told = yuhu.status(cleaned_study)["cleaning"]
    assert told == {"is_current": True, "texts": done.manifest["texts"], "flagged": done.flagged, "leave_out": []}
    assert list(done.flagged) != []


def test_forgetting_takes_the_derived_texts_away(cleaned_study):
    done = clean(cleaned_study)
    yuhu.forget(cleaned_study, [cleaned_study.scan("responses").collect()["response_id"][0]])
    assert not done.path.exists()
    fresh = clean(yuhu.open(cleaned_study.path))
    assert fresh.manifest["messages"] == done.manifest["messages"] - 1


def test_the_verb_is_public():
    assert yuhu.clean is room.clean
