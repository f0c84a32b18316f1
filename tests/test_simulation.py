"""The constructed study: the same for a seed, true to the codebook, and biased where the machine is."""

import json
import shutil
from collections import Counter

import numpy as np
import polars as pl
import pytest

from yuhu.coding.lexicon import LANGUAGES
from yuhu.core.codebook import built_in_codebook
from yuhu.core.errors import YuhuError
from yuhu.core.ids import response_id
from yuhu.core.randomness import generator
from yuhu.measures.decisions import steps
from yuhu.simulation.channels import comments, danmaku
from yuhu.simulation.messages import COMMENT_MIX, DANMAKU_MIX, _groups
from yuhu.simulation.mixes import EPISODES, MOVED, SWELLS, is_moved
from yuhu.simulation.script import BREADTH, Dice, fill, merged
from yuhu.simulation.shown import ANSWERED, UNANSWERED, lines
from yuhu.simulation.shown import spans as shown
from yuhu.simulation.study import simulate
from yuhu.simulation.world import pull_of, videos
from yuhu.study.codings import read_codings, read_samples
from yuhu.study.intake import KNOWN
from yuhu.study.layers import read_coverage
from yuhu.study.results import read_results
from yuhu.study.store import open_study
from yuhu.verbs.demo import SAMPLE, SAMPLE_SIZE, demo

SEED = 20230830
TIMES = ("created_at", "added_at", "finished_at")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("yuhu.verbs.report.report", lambda study, *, language=None: study.path / "report.html")
        folder = tmp_path_factory.mktemp("demo") / "study"
        first = demo(folder, seed=SEED)
        kept = tmp_path_factory.mktemp("kept") / "first"
        shutil.copytree(folder, kept)
        second = demo(folder, seed=SEED)
    return folder, kept, first, second


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("files"), seed=SEED)


@pytest.fixture(scope="module")
def prevalence(made):
    estimates = read_results(open_study(made[0])).estimates
    return estimates.filter(pl.col("measure") == "prevalence.v1")


def share(prevalence, source, subject, code="affective_empathy", value_id="1"):
    row = prevalence.filter(source=source, subject=subject, code=code, value_id=value_id).row(0, named=True)
    return row["value"], row["low"], row["high"]


def test_files_are_the_same_for_a_seed_and_others_for_another(simulated, tmp_path):
    again, other = tmp_path / "again", tmp_path / "other"
    again.mkdir()
    other.mkdir()
    second, third = simulate(again, seed=SEED), simulate(other, seed=SEED + 1)
    assert [file.path.read_bytes() for file in simulated.files] == [file.path.read_bytes() for file in second.files]
    assert simulated.truth.equals(second.truth)
    assert simulated.files[0].path.read_bytes() != third.files[0].path.read_bytes()


def test_every_truth_is_a_value_of_its_variable():
    variables = built_in_codebook().variables
    for templates in _groups().values():
        for template in (template for group in templates.values() for template in group):
            assert template.truth["kind"] in variables["kind"].values
            for code, value in template.truth.items():
                assert value in variables[code].values, (template.text, code, value)
                assert value != variables[code].zero


def test_what_a_code_leaves_unasked_is_not_true(simulated):
    wide = simulated.truth.pivot(on="code", index="response_id", values="value")
    silent = wide.filter(pl.col("kind") != "expressing")
    for code in ("affective_empathy", "cognitive_empathy", "stance", "anger", "cultural_identity", "pride", "object_of_feeling"):
        assert silent[code].null_count() == silent.height
    unfelt = wide.filter(pl.all_horizontal(pl.col("affective_empathy", "cognitive_empathy", "empathic_concern").is_null()))
    assert unfelt["object_of_feeling"].null_count() == unfelt.height
    assert wide.filter(pl.col("affective_empathy").is_null() != pl.col("affective_empathy.valence").is_null()).height == 0


def test_every_group_of_a_mix_has_templates_and_empathy_is_as_frequent_everywhere():
    groups = _groups()
    for lang, mix in [*COMMENT_MIX.items(), ("zh", DANMAKU_MIX)]:
        assert set(mix) <= set(groups[lang])
        moved = sum(share for group, share in mix.items() if is_moved(group)) / sum(mix.values()) * 100
        assert moved == pytest.approx(MOVED)
        for group in mix:
            assert is_moved(group) == all("affective_empathy" in template.truth for template in groups[lang][group]), group
    for _, moments in EPISODES.values():
        assert all(set(moment.mix) <= set(groups["zh"]) for moment in moments)


def test_two_messages_in_one_keep_the_stronger_truth():
    first = {"kind": "plot", "continuation": "1"}
    second = {"kind": "expressing", "affective_empathy": "1", "affective_empathy.valence": "pain"}
    third = {"kind": "expressing", "affective_empathy": "2", "affective_empathy.valence": "pain", "object_of_feeling": "relics_together"}
    assert merged(first, second) == {
        "kind": "expressing",
        "continuation": "1",
        "affective_empathy": "1",
        "affective_empathy.valence": "pain",
    }
    assert merged(third, second)["affective_empathy"] == "2"
    assert merged(second, third)["object_of_feeling"] == "relics_together"


def test_choices_inside_slots_are_decided():
    dice = Dice(generator(1, "test"))
    texts = {fill("{a|b} {who}", {"who": ["{c|d}", "e"]}, dice) for _ in range(100)}
    assert texts == {f"{x} {y}" for x in "ab" for y in "cde"}


def test_danmaku_peak_at_the_planted_moments(made):
    responses = open_study(made[0]).scan("responses").filter(pl.col("kind") == "danmaku").select("video_id", "at_ms").collect()
    for video in (video for video in videos() if video.platform == "bilibili"):
        at = responses.filter(pl.col("video_id") == video.video_id)["at_ms"]
        assert at.is_between(0, video.duration_ms).all()
        usual = at.len() / (video.duration_ms / 10_000)
        assert at.is_between(0, 10_000).sum() > 1.5 * usual
        for moment in EPISODES[video.work][1]:
            assert at.is_between(moment.at_ms - 4_000, moment.at_ms + 6_000).sum() > 1.2 * usual, moment.name


def test_seen_is_kept_and_rejected(made, simulated):
    folder, _, first, _ = made
    study = open_study(folder)
    assert first["seen"] == first["kept"] + first["rejected"]
    assert all(entry.seen == entry.kept + entry.rejected for entry in study.manifest.sources)
    assert len(study.manifest.sources) == len(simulated.files)
    assert first["rejected"] > 20
    why = Counter(study.scan("rejects").collect()["why"])
    assert set(why) == {"no text", KNOWN}
    kept = study.scan("responses").select("response_id").collect()
    assert kept.join(simulated.truth.filter(pl.col("code") == "kind"), on="response_id", how="anti").height == 0
    assert kept.height == simulated.truth["response_id"].n_unique()


def test_texts_vary_and_languages_are_as_meant(made):
    responses = open_study(made[0]).scan("responses").collect()
    assert responses.filter(pl.col("kind") != "danmaku")["text"].n_unique() > 0.6 * responses.filter(pl.col("kind") != "danmaku").height
    shares = dict(responses.filter(pl.col("platform") == "youtube")["lang"].value_counts(normalize=True).iter_rows())
    assert 0.75 < shares["en"] < 0.92
    assert shares["ja"] + shares["es"] > 0.02
    assert set(responses["kind"].unique()) == {"danmaku", "comment", "reply"}
    assert responses["sent_at"].null_count() == 0


def test_a_second_run_gives_the_same_study(made):
    folder, kept, first, second = made
    assert first == second
    files = sorted(path.relative_to(kept) for path in kept.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    for file in files:
        if file.name == "manifest.json":
            assert without_times(json.loads((kept / file).read_text())) == without_times(json.loads((folder / file).read_text()))
        else:
            assert (kept / file).read_bytes() == (folder / file).read_bytes(), file


def without_times(value):
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in TIMES}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def test_planted_shares_are_the_truth_of_what_was_kept(made, simulated):
    folder = made[0]
    study = open_study(folder)
    planted = json.loads((folder / "planted.json").read_text("utf-8"))
    units = study.scan("responses").filter(pl.col("lang").is_in(LANGUAGES) & ~pl.col("is_special").fill_null(value=False)).collect()
    assert units.height == made[2]["population"]
    counts = (
        simulated.truth.join(steps(study.codebook(), simulated.truth["code"].unique()), on=["code", "value"])
        .join(units, on="response_id")
        .group_by("code", "value_id", "lang")
        .agg(count=pl.len())
    )
    totals = dict(units["lang"].value_counts().iter_rows())
    truth = {(code, value_id, lang): count for code, value_id, lang, count in counts.iter_rows()}
    rows = [row for row in planted["shares"] if row["by"] == "language"]
    assert {row["subject"] for row in rows} == set(totals)
    for row in rows:
        count = truth.get((row["code"], row["value_id"], row["subject"]), 0)
        assert (row["count"], row["n"]) == (count, totals[row["subject"]])
        assert row["value"] == count / totals[row["subject"]]
    everything = {(row["code"], row["value_id"]): row for row in planted["shares"] if row["by"] == "all"}
    assert everything["affective_empathy", "1"]["count"] > everything["affective_empathy", "2"]["count"] > 0
    assert sum(row["value"] for (code, _), row in everything.items() if code == "kind") == pytest.approx(1)


def test_gold_is_a_probability_sample_coded_by_three(made):
    folder = made[0]
    sample = read_samples(folder)[SAMPLE]
    assert sample.size == SAMPLE_SIZE
    assert sample.population == made[2]["population"]
    drawn = sample.units.group_by("stratum").agg(pl.len(), pl.col("chance").unique()).sort("stratum")
    assert drawn["stratum"].to_list() == ["comments", "danmaku"]
    assert drawn["len"].to_list() == [SAMPLE_SIZE // 2] * 2
    population = dict(sample.strata.select("stratum", "population").iter_rows())
    assert drawn["chance"].to_list() == [[SAMPLE_SIZE / 2 / population["comments"]], [SAMPLE_SIZE / 2 / population["danmaku"]]]
    codings = read_codings(folder).filter(pl.col("unit_kind") == "response")
    assert codings.height == made[2]["gold_codings"]
    assert set(codings["coder_kind"]) == {"simulated"}
    book = open_study(folder).codebook()
    assert set(codings["codebook_hash"]) == {book.content_hash}
    per_unit = codings.group_by("unit_id", "code").agg(pl.col("coder").n_unique())
    assert set(per_unit["coder"]) == {3}
    for (code,), rows in codings.group_by("code"):
        assert set(rows["value"]) <= set(book.variables[code].values)
        assert set(rows["code_hash"]) == {book.variables[code].code_hash}


def test_three_others_mark_the_segments_of_each_work(made):
    folder = made[0]
    book = open_study(folder).codebook()
    spans = read_codings(folder).filter(pl.col("unit_kind") == "span")
    assert set(spans["coder"]) == {"coder-d", "coder-e", "coder-f"}
    assert not set(spans["coder"]) & set(read_codings(folder).filter(pl.col("unit_kind") == "response")["coder"])
    planted = {work: [(one.code, one.start_ms, one.end_ms) for one in shown(work)] for work in EPISODES}
    works = {f"bilibili:{video.native}": video.work for video in videos() if video.platform == "bilibili"}
    for (coder, video), rows in spans.group_by("coder", "video_id"):
        wanted = planted[works[video]]
        assert 0.85 * len(wanted) <= rows.height <= len(wanted), coder
        for code, start, end, value in rows.select("code", "start_ms", "end_ms", "value").iter_rows():
            assert value in book.variables[code].values
            assert any(code == name and abs(start - a) < 1_500 and abs(end - b) < 1_500 for name, a, b in wanted)
    watched = read_coverage(folder)
    assert {(coder, video) for coder, _, video, *_ in watched.iter_rows()} == {
        (coder, video) for coder in ("coder-d", "coder-e", "coder-f") for video in works
    }


def test_a_segment_is_answered_or_not_and_never_both():
    assert not set(ANSWERED) & set(UNANSWERED)
    assert {one.code for work in EPISODES for one in shown(work)} == {*ANSWERED, *UNANSWERED}
    for work, (duration, _) in EPISODES.items():
        assert all(0 <= one.start_ms < one.end_ms <= duration for one in shown(work))
        assert [start for start, _, _ in lines(work)] == sorted({start for start, _, _ in lines(work)})


def test_moved_danmaku_swell_after_the_word_home_and_there_are_not_more_of_them(simulated):
    moved = set(simulated.truth.filter((pl.col("code") == "affective_empathy") & (pl.col("value") != "0"))["response_id"])
    for video in (video for video in videos() if video.platform == "bilibili"):
        rows = [row for row in danmaku(video, seed=SEED) if row.text]
        at = np.array([row.at_ms for row in rows])
        is_moved = np.array([response_id("bilibili", video.native, "danmaku", row.native) in moved for row in rows])
        since = np.subtract.outer(at, SWELLS[video.work])
        after = ((since >= 2_000) & (since < 14_000)).any(axis=1)
        near = np.min(np.abs(np.subtract.outer(at, [one.at_ms for one in EPISODES[video.work][1]])), axis=1) < 20_000
        assert is_moved[after].mean() > 1.5 * is_moved[~after & ~near].mean()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.2, 0.5])
def test_earlier_messages_draw_the_share_that_is_asked_for(share):
    pull = pull_of(share)
    written = (np.arange(10**5) + 0.5) / 10**5
    assert (pull * written / (1 + pull * written)).mean() == pytest.approx(share, abs=1e-4)


def test_objects_widen_within_authors_and_as_many_messages_stay(simulated):
    video = next(video for video in videos() if video.platform == "youtube")
    last, steps = {}, []
    for row in comments(video, seed=SEED):
        if "object_of_feeling" in row.truth:
            breadth = BREADTH.index(row.truth["object_of_feeling"])
            if row.author in last:
                steps.append(breadth - last[row.author])
            last[row.author] = breadth
    assert sum(step > 0 for step in steps) > 1.5 * sum(step < 0 for step in steps)


def test_coders_differ_and_agree_mostly(made):
    codings = read_codings(made[0]).filter(code="affective_empathy").pivot(on="coder", index="unit_id", values="value")
    one, two = codings["coder-a"], codings["coder-b"]
    assert 0.85 < (one == two).mean() < 0.99


def test_the_machine_invents_a_difference_between_languages_that_gold_does_not_need(prevalence):
    zh_true, en_true = share(prevalence, "truth", "zh")[0], share(prevalence, "truth", "en")[0]
    zh_naive, en_naive = share(prevalence, "machine", "zh")[0], share(prevalence, "machine", "en")[0]
    assert abs(zh_true - en_true) < 0.02
    assert zh_naive < zh_true - 0.03
    assert en_naive > en_true + 0.03
    for subject in ("all", "zh", "en"):
        true, (_, low, high) = share(prevalence, "truth", subject)[0], share(prevalence, "gold", subject)
        assert low <= true <= high
    _, low, high = share(prevalence, "gold", "zh")
    assert not low <= zh_naive <= high


def test_identity_and_stance_differ_by_language_in_truth(prevalence):
    assert share(prevalence, "truth", "zh", "cultural_identity")[0] > 1.5 * share(prevalence, "truth", "en", "cultural_identity")[0]
    assert share(prevalence, "truth", "en", "stance", "keep")[0] > 5 * share(prevalence, "truth", "zh", "stance", "keep")[0]


def test_gold_intervals_cover_the_truth_of_most_codes(prevalence):
    wide = prevalence.filter(pl.col("by") == "all").pivot(on="source", index=["code", "value_id"], values=["value", "low", "high"])
    known = wide.drop_nulls(["low_gold", "value_truth"]).filter(pl.col("value_truth") > 0.01)
    covered = known.filter((pl.col("low_gold") <= pl.col("value_truth")) & (pl.col("value_truth") <= pl.col("high_gold")))
    assert known.height > 15
    assert covered.height > 0.8 * known.height


def test_demo_leaves_other_folders_alone(tmp_path):
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter.txt").write_text("mine")
    with pytest.raises(YuhuError, match="YH202"):
        demo(other)
    assert (other / "chapter.txt").read_text() == "mine"
    with pytest.raises(YuhuError, match="YH601"):
        demo(tmp_path / "new", language="fr")
    with pytest.raises(YuhuError, match="YH303"):
        demo(tmp_path / "new", seed=-1)
    assert not (tmp_path / "new").exists()


def test_demo_leaves_a_real_study_alone(tmp_path):
    from yuhu.verbs.init import init

    study = init(tmp_path / "real", title="real")
    with pytest.raises(YuhuError, match="YH202"):
        demo(study.path)
    assert open_study(study.path).settings.title == "real"
