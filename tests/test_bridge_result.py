"""What a bridge set says: agreement across versions, DIF, a verdict on each code, and what measures may ask of it."""

import shutil

import numpy as np
import polars as pl
import pytest

import yuhu
from coding_studies import codings_of, study_of
from yuhu.cli.app import invoke
from yuhu.core.errors import YuhuError
from yuhu.core.estimate import REASONS
from yuhu.stats.agreement import krippendorff_alpha
from yuhu.stats.dif import odds_dif
from yuhu.study.agreements import COMPARABLE, NOT_COMPARABLE, NOT_JUDGED, VERDICT, read_agreement
from yuhu.study.assignments import read_assignments
from yuhu.study.codings import append_codings
from yuhu.study.comparability import comparability
from yuhu.study.samples import read_samples
from yuhu.study.store import open_study
from yuhu.verbs.agree import agree, agreement_is_current
from yuhu.verbs.bridge import draw_bridge, name_groups
from yuhu.verbs.bridge_codings import bridge_codings
from yuhu.verbs.gold import gold_units

CODES = ("anger", "cultural_identity", "empathic_concern", "collective_memory", "formula")
GROUPS = {"a": ("anna", "ada"), "b": ("bo", "ben")}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A study with a bridge set of 200 units and two groups."""
    study = study_of(tmp_path_factory.mktemp("bridge"), 800)
    draw_bridge(study, study.path.parent / "bridge.csv")
    return study.path


@pytest.fixture
def study(drawn, tmp_path):
    shutil.copytree(drawn, tmp_path / "s")
    return open_study(tmp_path / "s")


def _versions(study):
    """Of each unit: its language, and whether group a saw the original."""
    units = read_samples(study.path)["bridge-1"].units
    return {unit: (stratum[:2], stratum.endswith(":a")) for unit, stratum in units.select("unit_id", "stratum").iter_rows()}


def _code(study, *, wrong=0.02, english=None, translated=None, groups=None, share=0.4, seed=1, codes=CODES, n=200):
    """Codings of the bridge set; `english` and `translated` name a code and the chance that it is added in that version."""
    random = np.random.default_rng(seed)
    rows = {code: [] for code in codes}
    for unit, (lang, first) in list(_versions(study).items())[:n]:
        depth = random.normal()
        truth = {code: random.random() < 1 / (1 + np.exp(-(depth + np.log(share / (1 - share))))) for code in codes}
        for group, coders in (groups or GROUPS).items():
            is_original = first == (group == "a")
            is_english = (lang == "en") == is_original
            added = dict([english] if english and is_english else []) | dict([translated] if translated and not is_original else [])
            for code in codes:
                there = truth[code] or random.random() < added.get(code, 0.0)
                rows[code] += [(unit, coder, str(int(there ^ (random.random() < wrong)))) for coder in coders]
    for code, mine in rows.items():
        append_codings(study.path, codings_of(study, mine, code=code, purpose="bridge"))
    return rows


def _verdicts(found):
    whole = found.rows.filter((pl.col("coefficient") == VERDICT) & pl.col("of").is_null())
    return {row["code"]: (row["verdict"], row["reason"]) for row in whole.iter_rows(named=True)}


def test_codes_that_are_the_same_in_both_are_comparable(study):
    name_groups(study, "bridge-1", GROUPS["a"], GROUPS["b"])
    rows = _code(study)
    found = agree(study, draws=500)
    assert _verdicts(found) == dict.fromkeys(CODES, (COMPARABLE, None))
    one = found.of("anger", by="bridge", subject="all", coefficient=VERDICT)
    assert (one["n_units"], one["n_coders"]) == (200, 4)
    assert found.rows.filter(pl.col("by") == "all").height == 0  # a bridge set is no reliability sample
    assert not gold_units(study, study.codebook()).units.height
    known = comparability(study.path, study.codebook())
    assert known["anger", None].is_established
    assert known["anger", "1"].is_established
    assert known["anger", "1"].languages == ("zh", "en")
    assert ("hostility", None) not in known
    assert rows["anger"]


def test_figures_are_those_of_the_functions(study):
    groups = {"a": ("anna",), "b": ("bo",)}
    name_groups(study, "bridge-1", *groups.values())
    rows = _code(study, groups=groups, english=("anger", 0.3))
    found = agree(study, draws=500)
    versions = _versions(study)
    said = {code: {(unit, coder): int(value) for unit, coder, value in mine} for code, mine in rows.items()}
    units = sorted(versions)
    original = {unit: "anna" if versions[unit][1] else "bo" for unit in units}
    other = {"anna": "bo", "bo": "anna"}
    table = [[said["anger"][unit, who(original[unit])] for unit in units] for who in (str, other.get)]
    alpha = krippendorff_alpha(np.array(table, float), level="nominal", values=[0, 1], draws=500, seed=study.settings.seed)
    stored = found.of("anger", by="bridge", subject="versions")
    assert (stored["value"], stored["low"], stored["high"]) == (alpha.value, alpha.low, alpha.high)
    sheets = [(unit, coder) for unit in units for coder in ("anna", "bo")]
    is_english = [(versions[unit][0] == "en") == (original[unit] == coder) for unit, coder in sheets]
    total = [sum(said[code][sheet] for code in CODES if code != "anger") for sheet in sheets]
    cluster = [units.index(unit) for unit, _ in sheets]
    expected = odds_dif([said["anger"][sheet] for sheet in sheets], is_english, total, cluster=cluster)
    delta = found.of("anger", by="bridge", subject="language", coefficient="ets_delta")
    assert delta["value"] == pytest.approx(expected.delta.value)
    assert delta["low"] < expected.delta.low < expected.delta.high < delta["high"]  # two more units of either kind of disagreement
    assert delta["high"] - delta["low"] < 1.5 * (expected.delta.high - expected.delta.low)
    assert delta["value"] > 1
    assert (delta["verdict"], delta["of"]) == (expected.ets_class, "1")
    assert delta["p"] <= 0.01
    assert found.of("anger", by="bridge", subject="language", coefficient="logistic_uniform")["value"] > 0


def test_a_code_that_is_read_into_one_language_is_not_comparable(study):
    name_groups(study, "bridge-1", GROUPS["a"], GROUPS["b"])
    _code(study, english=("anger", 0.3))
    found = _verdicts(agree(study, draws=500))
    assert found.pop("anger") == (NOT_COMPARABLE, "coded_differently")
    assert set(found.values()) == {(COMPARABLE, None)}
    assert not comparability(study.path, study.codebook())["anger", "1"].is_established


def test_a_code_that_translation_adds_is_not_comparable(study):
    name_groups(study, "bridge-1", GROUPS["a"], GROUPS["b"])
    _code(study, translated=("formula", 0.3))
    found = agree(study, draws=500)
    assert _verdicts(found)["formula"] == (NOT_COMPARABLE, "coded_differently")
    by_language, by_translation = (
        found.of("formula", by="bridge", subject=split, coefficient="ets_delta") for split in ("language", "translation")
    )
    assert by_translation["value"] > 1 > abs(by_language["value"])


def test_a_difference_between_groups_of_coders_is_none_between_languages(study):
    """One group gives anger far more readily: the versions are crossed with groups, so neither split moves."""
    name_groups(study, "bridge-1", GROUPS["a"], GROUPS["b"])
    rows = _code(study)
    more = np.random.default_rng(3)
    keen = [(unit, coder, "1" if coder in GROUPS["a"] and more.random() < 0.4 else value) for unit, coder, value in rows["anger"]]
    append_codings(study.path, codings_of(study, keen, purpose="bridge"))
    found = agree(study, draws=500)
    for split in ("language", "translation"):
        delta = found.of("anger", by="bridge", subject=split, coefficient="ets_delta")
        assert delta["p"] > 0.05
    assert _verdicts(found)["anger"][0] != COMPARABLE  # but nobody knows what they would agree on


@pytest.mark.parametrize(
    ("options", "verdict", "reason"),
    [
        ({"wrong": 0.35}, NOT_COMPARABLE, "versions_disagree"),
        ({"wrong": 0.08}, NOT_JUDGED, "versions_not_shown"),
        ({"n": 49}, NOT_JUDGED, "too_few_pairs"),
        ({"share": 0.004, "wrong": 0.0}, NOT_JUDGED, "too_rare"),
        ({"wrong": 0.15, "n": 60, "minimum": 0.1}, NOT_JUDGED, "reaches_large"),
    ],
)
def test_why_a_code_is_not_called_comparable(study, options, verdict, reason):
    options = dict(options)
    groups = {"a": ("anna",), "b": ("bo",)}
    name_groups(study, "bridge-1", *groups.values())
    minimum = options.pop("minimum", 0.667)
    _code(study, groups=groups, **options)
    found = _verdicts(agree(study, draws=500, minimum=minimum))
    assert found["anger"] == (verdict, reason)
    assert reason in REASONS


def test_rare_positives_that_all_agree_are_no_certainty(study):
    """Twelve positives in both versions of 200 units and not one disagreement: delta is 0, and its interval is not [0, 0]."""
    name_groups(study, "bridge-1", ["anna"], ["bo"])
    units = sorted(_versions(study))
    rows = [(unit, coder, str(int(at % 16 == 0 and at < 192))) for at, unit in enumerate(units) for coder in ("anna", "bo")]
    append_codings(study.path, codings_of(study, rows, purpose="bridge"))
    delta = agree(study, draws=500).of("anger", by="bridge", subject="language", coefficient="ets_delta")
    assert delta["value"] == 0
    assert delta["low"] < -0.7
    assert delta["high"] > 0.7


def test_values_of_an_ordinal_code_have_verdicts_of_their_own(study):
    name_groups(study, "bridge-1", GROUPS["a"], GROUPS["b"])
    random = np.random.default_rng(1)
    rows = []
    for unit, (lang, first) in _versions(study).items():
        truth = random.integers(0, 3)
        for group, coders in GROUPS.items():
            is_english = (lang == "en") == (first == (group == "a"))
            value = max(truth, 1) if truth and is_english and random.random() < 0.5 else truth
            value = 1 if truth == 2 and is_english and random.random() < 0.6 else value
            rows += [(unit, coder, str(value)) for coder in coders]
    append_codings(study.path, codings_of(study, rows, code="cognitive_empathy", purpose="bridge"))
    found = agree(study, draws=500)
    known = comparability(study.path, study.codebook())
    assert known["cognitive_empathy", "2"].verdict == NOT_COMPARABLE
    assert known["cognitive_empathy", "1"].verdict != NOT_COMPARABLE
    assert known["cognitive_empathy", None].verdict == NOT_COMPARABLE
    assert found.rows.filter(pl.col("coefficient") == VERDICT).height == 3


def test_without_groups_nothing_can_be_said(study):
    _code(study)
    found = agree(study, draws=500)
    assert _verdicts(found) == dict.fromkeys(CODES, (NOT_JUDGED, "groups_unknown"))
    assert found.of("anger", by="bridge", coefficient=VERDICT)["n_units"] == 200
    assert "--a NAME --b NAME" in found.warnings[0]
    assert agreement_is_current(study)
    name_groups(study, "bridge-1", GROUPS["a"], GROUPS["b"])
    assert not agreement_is_current(study)


def test_coders_of_no_group_and_old_definitions_take_no_part(study):
    name_groups(study, "bridge-1", GROUPS["a"], GROUPS["b"])
    rows = _code(study)
    before = agree(study, draws=500)
    append_codings(study.path, codings_of(study, [(unit, "zoe", "1") for unit, _, _ in rows["anger"][::4]], purpose="bridge"))
    old = codings_of(study, [(unit, "bo", "1") for unit, _, _ in rows["anger"][::4]], purpose="bridge", occasion=1)
    append_codings(study.path, old.with_columns(code_hash=pl.lit("of another definition"), occasion=pl.lit(0, pl.Int32)))
    append_codings(study.path, codings_of(study, rows["anger"], purpose="bridge"))  # as they were
    assert agree(study, draws=500).rows.equals(before.rows)


def test_a_verdict_on_another_definition_does_not_count(study):
    name_groups(study, "bridge-1", GROUPS["a"], GROUPS["b"])
    _code(study)
    agree(study, draws=500)
    path = study.path / "results" / "agreement.json"
    path.write_text(path.read_text("utf-8").replace(study.codebook().variables["anger"].code_hash, "of another definition"), "utf-8")
    known = comparability(study.path, study.codebook())
    assert ("anger", None) not in known
    assert known["formula", None].is_established


def test_it_is_the_same_twice(study):
    name_groups(study, "bridge-1", GROUPS["a"], GROUPS["b"])
    _code(study)
    agree(study, draws=500)
    content = (study.path / "results" / "agreement.json").read_bytes()
    agree(study, draws=500)
    assert (study.path / "results" / "agreement.json").read_bytes() == content


def test_a_closed_gate_is_not_there_and_what_is_undecided_is_missing(study):
    name_groups(study, "bridge-1", ["anna"], ["bo"])
    units = sorted(_versions(study))
    rows = [
        (unit, coder, "not_shown" if at % 2 else "abstained" if at % 4 else "1")
        for at, unit in enumerate(units)
        for coder in ("anna", "bo")
    ]
    append_codings(study.path, codings_of(study, rows, purpose="bridge"))
    found = bridge_codings(study, study.codebook())
    assert found.rows["value"].value_counts().sort("value").rows() == [("0", 200), ("1", 100)]


def test_groups_are_kept(study):
    name_groups(study, "bridge-1", ["anna"], ["bo"])
    name_groups(study, "bridge-1", ["ada"], ["bo"])  # nobody has coded yet
    before = read_samples(study.path)["bridge-1"]
    assert before.plan["groups"] == {"a": ["ada"], "b": ["bo"]}
    append_codings(study.path, codings_of(study, [(before.units["unit_id"][0], "ada", "1")], purpose="bridge"))
    for a, b, match in (
        (["bo"], ["ada"], "cannot leave their group"),
        ([], ["bo"], "two groups"),
        (["ada", "bo"], ["bo"], "two groups"),
    ):
        with pytest.raises(YuhuError, match=match) as caught:
            name_groups(study, "bridge-1", a, b)
        assert caught.value.code == "YH505"
    name_groups(study, "bridge-1", ["ada", "anna"], ["bo"])
    after = read_samples(study.path)["bridge-1"]
    assert after.units.equals(before.units)
    assert (after.design, after.seed, after.plan["drawn"]) == (before.design, before.seed, before.plan["drawn"])
    assert not read_assignments(study.path).height
    with pytest.raises(YuhuError, match="no bridge set"):
        name_groups(study, "rel", ["anna"], ["bo"])


def test_the_command_line_and_the_report(study, capsys):
    assert (
        invoke(["codebook", "bridge", str(study.path), "--sample", "bridge-1", "--a", "anna", "--a", "ada", "--b", "bo", "--b", "ben"]) == 0
    )
    assert "a: anna, ada; b: bo, ben" in capsys.readouterr().out
    _code(study, english=("anger", 0.3))
    assert invoke(["agree", str(study.path), "--draws", "500"]) == 0
    out = capsys.readouterr().out
    assert "not comparable: the code is given more readily in one version" in out
    assert "comparable" in out
    assert invoke(["agree", str(study.path), "--draws", "500", "--detail"]) == 0
    assert "anger, bridge set, language: ets delta on 1" in capsys.readouterr().out
    spec, rows = read_agreement(study.path)
    assert spec["coders"] == []
    assert rows.filter(pl.col("by") == "bridge").height > 20
    yuhu.measure(study)
    opened = yuhu.open(study.path)
    for language, words in (("en", "Is a code the same in both languages?"), ("zh", "编码在两种语言中是否相同？")):
        page = yuhu.report(opened, language=language).read_text("utf-8")
        assert words in page
        assert {"en": "not comparable: the code is given more readily", "zh": "不可比：该编码在一个版本中更容易给出"}[language] in page


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--a", "anna", "--b", "bo"], "of which bridge set"),
        (["--sample", "bridge-1", "--a", "anna", "--b", "bo", "--to", "x.csv"], "--to needs the translations"),
        (["--sample", "bridge-1"], "--sample and --translations go together"),
        ([], "--to names the file"),
    ],
)
def test_options_that_do_not_fit(study, capsys, arguments, problem):
    assert invoke(["codebook", "bridge", str(study.path), *arguments]) != 0
    assert problem in capsys.readouterr().err
