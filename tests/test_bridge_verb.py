"""The bridge set of a study: drawn, translated, shown to two groups, and outside of gold and agreement."""

import polars as pl
import pytest

from coding_studies import study_of
from yuhu.cli.app import invoke
from yuhu.core.errors import YuhuError
from yuhu.study.codings import read_codings
from yuhu.study.samples import read_samples, units_spent
from yuhu.verbs.bridge import draw_bridge, show_bridge
from yuhu.verbs.collect import collect


def _filled(path):
    frame = pl.read_csv(path, infer_schema=False)
    frame.with_columns(translation=pl.concat_str(pl.lit("translated "), "unit_id")).write_csv(path)
    return frame


def test_the_way_through(tmp_path):
    study = study_of(tmp_path, 800)
    made = draw_bridge(study, tmp_path / "bridge.csv")
    assert (made.sample, made.units) == ("bridge-1", 200)
    kept = read_samples(study.path)["bridge-1"]
    assert sorted(kept.units["stratum"].value_counts().rows()) == [("en:a", 50), ("en:b", 50), ("zh:a", 50), ("zh:b", 50)]
    assert kept.units.filter(pl.col("stratum") == "zh:a")["chance"][0] == pytest.approx(100 / 600)
    assert set(kept.units["unit_id"]) == units_spent(study.path)
    assert kept.units["unit_id"][0] not in str(kept.plan)  # what is forgotten must not stay there
    texts = _filled(tmp_path / "bridge.csv")
    shown = show_bridge(study, "bridge-1", tmp_path / "bridge.csv", tmp_path / "shown.csv")
    a, b = (pl.read_csv(path, infer_schema=False).sort("unit_id") for path in shown.files)
    originals = dict(texts.select("unit_id", "text").iter_rows())
    first = [originals[unit] == text for unit, text in a.select("unit_id", "text").iter_rows()]
    second = [originals[unit] == text for unit, text in b.select("unit_id", "text").iter_rows()]
    assert [one != other for one, other in zip(first, second, strict=True)] == [True] * 200
    assert sum(first) == 100
    table = tmp_path / "codings.csv"
    table.write_text("unit,coder,code,value\n" + "".join(f"{unit},anna,anger,0\n" for unit in a["unit_id"]), "utf-8")
    assert collect(study, [table])[0].new == 200
    assert set(read_codings(study.path)["purpose"]) == {"bridge"}
    assert not read_codings(study.path, counted=True).height


def test_what_is_refused(tmp_path, capsys):
    study = study_of(tmp_path, 100)
    with pytest.raises(YuhuError, match="too few units"):
        draw_bridge(study, tmp_path / "bridge.csv")
    with pytest.raises(YuhuError, match="no bridge set"):
        show_bridge(study, "bridge-1", tmp_path / "bridge.csv", tmp_path / "shown.csv")
    assert invoke(["codebook", "bridge", str(study.path), "--to", "x.csv", "--sample", "b"]) != 0
    assert capsys.readouterr().err.startswith("[YH901] --sample and --translations go together")


def test_translations_that_are_missing(tmp_path):
    study = study_of(tmp_path, 800)
    draw_bridge(study, tmp_path / "bridge.csv")
    with pytest.raises(YuhuError, match="no translation"):
        show_bridge(study, "bridge-1", tmp_path / "bridge.csv", tmp_path / "shown.csv")
    with pytest.raises(YuhuError, match="cannot be read"):
        show_bridge(study, "bridge-1", tmp_path / "none.csv", tmp_path / "shown.csv")
