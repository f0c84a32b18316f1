"""The `Estimate` noun: one number with all that it needs to be believed, or the reason why it is missing."""

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import polars as pl

from yuhu.core.schema import ESTIMATES, polars_schema

RUNGS = ("D", "A-within", "A-between", "Q", "E")
SOURCES = ("observed", "machine", "gold", "corrected", "truth")

MACHINE_ONLY = "machine_only_not_validated"
CENSUS = "complete_count"
REASONS: dict[str, dict[str, str]] = {
    MACHINE_ONLY: {"en": "machine only: not validated", "zh": "仅机器编码，未经验证"},
    CENSUS: {"en": "a count of all units at hand: nothing was sampled", "zh": "对现有全部单位的计数，没有抽样"},
    "no_units": {"en": "no units", "zh": "没有可编码的单位"},
    "too_few_gold": {"en": "fewer than 10 gold units: no interval", "zh": "黄金样本不足 10 个单位，不给区间"},
    "too_few_videos": {"en": "inference to other works needs at least 5 independent works", "zh": "推断到其他作品至少需要 5 部独立作品"},
    "gold_incomplete": {"en": "not all drawn units are coded: no interval", "zh": "抽取的单位尚未全部编码，不给区间"},
    "small_cell": {"en": "suppressed: too few messages", "zh": "已隐去：消息太少"},
    "no_variation": {"en": "no variation between units or works", "zh": "单位之间或作品之间没有差异"},
    "bounds_not_interval": {
        "en": "bounds for what was not exported, no sampling interval",
        "zh": "由未导出的消息给出的界，不是抽样区间",
    },
    "one_coder": {"en": "fewer than two coders coded anything", "zh": "编码过任何单位的编码员不足两人"},
    "no_overlap": {"en": "no unit was coded by two coders", "zh": "没有单位由两名编码员编码"},
    "one_pairable_unit": {"en": "only one unit was coded by two coders", "zh": "只有一个单位由两名编码员编码"},
    "one_value_used": {
        "en": "only one value was used: agreement beyond chance is not defined",
        "zh": "只用到一个取值：超出偶然的一致性没有定义",
    },
    "constant_coder": {
        "en": "a coder used one value only: kappa is 0 whatever the other did",
        "zh": "一名编码员只用了一个取值：无论另一名如何编码，kappa 都为 0",
    },
    "value_not_used": {"en": "the value was not used in units coded by two coders", "zh": "在由两名编码员编码的单位中未用到该取值"},
    "too_few_pairable": {"en": "fewer than 10 units coded by two coders: no interval", "zh": "由两名编码员编码的单位不足 10 个，不给区间"},
    "too_few_blocks": {"en": "fewer than 8 videos: no interval", "zh": "视频不足 8 个，不给区间"},
    "rests_on_few_units": {
        "en": "all variation sits in too few units: no interval",
        "zh": "全部变异集中在极少数单位，不给区间",
    },
    "nothing_marked": {"en": "nobody marked anything", "zh": "没有人标记任何片段"},
    "never_both_marked": {"en": "no stretch was marked by two coders", "zh": "没有片段由两名编码员同时标记"},
    "no_disagreement": {"en": "nobody disagreed: no interval from resampling", "zh": "没有任何分歧，重抽样给不出区间"},
    "few_coders": {"en": "fewer than 4 coders: a diagnostic, no gold", "zh": "编码员不足 4 人：仅供诊断，不能当作黄金标准"},
    "not_identified": {"en": "the codings do not tell it apart", "zh": "现有编码不足以辨别"},
    "model_based": {"en": "from a model that knows no truth: a diagnostic, no interval", "zh": "来自不知真值的模型：仅供诊断，不给区间"},
    "too_few_anchors": {"en": "fewer than 10 anchors coded: no alarm can be told", "zh": "编过的锚定单元不足 10 个，无法判断是否报警"},
    "no_errors": {
        "en": "no coder missed an anchor: there is no rate of errors to rise above",
        "zh": "没有编码员编错任何锚定单元：没有可供比较的错误率",
    },
    "alarm_chart": {"en": "the height of a running chart: no interval", "zh": "累积图的高度，不给区间"},
    "one_group": {"en": "only one of the two groups has answers", "zh": "两组中只有一组有编码"},
    "odds_undefined": {"en": "one side is empty in every stratum: no odds ratio", "zh": "各层中有一侧为空：没有优势比"},
    "groups_unknown": {
        "en": "which coders saw which version is not known (yuhu codebook bridge --a NAME --b NAME)",
        "zh": "不知道哪些编码员看了哪个版本（yuhu codebook bridge --a 姓名 --b 姓名）",
    },
    "too_few_pairs": {"en": "fewer than 50 units were coded in both versions", "zh": "两个版本都编过的单位不足 50 个"},
    "too_rare": {"en": "fewer than 10 codings with the value, or without it", "zh": "有该取值或没有该取值的编码不足 10 个"},
    "reaches_large": {
        "en": "the interval of the difference reaches a large one: more units are needed",
        "zh": "差异的区间包含大的差异：需要更多单位",
    },
    "versions_not_shown": {
        "en": "that coders of the two versions agree is not shown",
        "zh": "未显示两个版本的编码员一致",
    },
    "versions_disagree": {"en": "coders of the two versions do not agree", "zh": "两个版本的编码员不一致"},
    "coded_differently": {"en": "the code is given more readily in one version", "zh": "该编码在一个版本中更容易给出"},
    "differs_with_total": {
        "en": "the difference between the versions changes with what else was coded",
        "zh": "两个版本的差异随其他编码而变",
    },
    "not_estimable": {
        "en": "not estimable: a few gold units decide all; draw more",
        "zh": "无法估计：结果取决于极少数黄金样本单位，需要抽取更多",
    },
    "no_design": {
        "en": "gold was not drawn with known chances: no design-based guarantee, no interval",
        "zh": "黄金样本不是以已知概率抽取的：没有基于抽样设计的保证，不给区间",
    },
    "too_few_for_model": {
        "en": "too few gold units for the coefficients: at least 10 for each, and 15 with and without the code",
        "zh": "黄金样本对这些系数来说太少：每个系数至少 10 个单位，且有无该编码的单位各至少 15 个",
    },
    "assumed_rates": {
        "en": "rests on error rates measured elsewhere and taken to be equal in all groups: no interval",
        "zh": "依赖在别处测得、并假定各组相同的错误率：不给区间",
    },
    "no_gold_positives": {"en": "no gold unit has the code", "zh": "黄金样本中没有带该编码的单位"},
    "no_gold_negatives": {"en": "no gold unit lacks the code", "zh": "黄金样本中没有不带该编码的单位"},
    "never_predicted": {"en": "the machine never gave the code", "zh": "机器从未给出该编码"},
    "collinear": {"en": "the covariates do not tell the coefficients apart", "zh": "协变量之间无法区分各个系数"},
    "separation": {
        "en": "the covariates separate the code from its absence: no finite coefficient",
        "zh": "协变量把有无该编码完全分开：系数没有有限解",
    },
    "no_convergence": {"en": "the equations for the coefficients were not solved", "zh": "系数方程未能求解"},
    "test_alone": {"en": "a test or a verdict, no size", "zh": "只是检验或判断，没有大小"},
    "no_bridge_set": {
        "en": "not established as comparable: no bridge set was coded in both languages",
        "zh": "未确立可比性：没有在两种语言中编码的桥接样本",
    },
    "not_comparable": {
        "en": "not comparable: people coded the two language versions of the bridge set differently",
        "zh": "不可比：桥接样本的两种语言版本被编码得不同",
    },
    "comparability_not_judged": {
        "en": "not established as comparable: the bridge set is too small to tell",
        "zh": "未确立可比性：桥接样本太小，无法判断",
    },
    "too_few_events": {"en": "fewer than 50 events", "zh": "事件不足 50 个"},
    "baseline_as_flexible": {
        "en": "the baseline follows the events as closely as excitation would: the two cannot be told apart",
        "zh": "基线对事件的拟合与激发一样紧密：两者无法区分",
    },
    "baseline_suffices": {
        "en": "the baseline alone describes the times as well: no excitation to measure",
        "zh": "仅用基线就能同样好地描述这些时间：没有可测量的激发",
    },
    "not_stationary": {
        "en": "each event would draw another one or more: the baseline is too stiff, or the window too short",
        "zh": "每个事件平均会引出一个以上的事件：基线过于僵硬，或窗口太短",
    },
    "finer_than_clock": {
        "en": "excitation would be faster than the times were recorded",
        "zh": "激发会快于时间的记录精度",
    },
    "too_few_cohorts": {"en": "fewer than 8 cohorts", "zh": "观看批次不足 8 个"},
    "cannot_be_separated": {
        "en": "what the video did and what the audience did cannot be separated",
        "zh": "视频的作用与观众的作用无法分离",
    },
    "views_unknown": {
        "en": "nobody knows how many watched when: add an export of the video's views over time",
        "zh": "不知道何时有多少人观看：请加入该视频播放量随时间变化的导出",
    },
    "views_too_coarse": {
        "en": "views were observed fewer than 8 times while messages were sent: cohorts of viewers cannot be told apart",
        "zh": "发送消息期间播放量的观测不足 8 次：无法区分观看批次",
    },
    "early_viewers_unknown": {
        "en": "messages were sent before views were first observed: who saw little of the others is not known",
        "zh": "在首次观测到播放量之前已有消息：不知道谁几乎没看到别人的消息",
    },
    "export_was_cut": {
        "en": "the export keeps the newest messages only: what earlier viewers saw is not known; export the whole pool",
        "zh": "导出只保留最新的消息：不知道较早的观众看到了什么；请导出全部弹幕",
    },
    "posting_time_coarse": {
        "en": "posting times are missing, or rounded to more than an hour",
        "zh": "发送时间缺失，或取整到一小时以上",
    },
    "one_clock": {
        "en": "all watched at the same time, as in a live chat: both clocks are one",
        "zh": "所有人同时观看（如直播）：两个时钟是同一个",
    },
    "nothing_visible": {"en": "nobody saw a message of anybody before", "zh": "没有人看到过别人先前的消息"},
    "unchecked": {
        "en": "the checks could not be made: fewer than 60 draws, or a model that grows without end",
        "zh": "无法进行检查：抽样不足 60 次，或模型无限增长",
    },
    "placebo_fails": {
        "en": "messages of later viewers, which nobody could have seen, seem to draw messages as well",
        "zh": "后来观众的消息（当时无人能看到）似乎同样引出了消息",
    },
    "control_fails": {
        "en": "messages some 20 seconds later in the video seem to draw messages as well",
        "zh": "视频中约 20 秒之后的消息似乎同样引出了消息",
    },
    "lead_fails": {
        "en": "messages that are only about to appear seem to draw messages as well",
        "zh": "尚未出现、即将出现的消息似乎同样引出了消息",
    },
    "retention_unknown": {
        "en": "how many were still watching at each second was not measured: with a retention curve the checks may come out otherwise",
        "zh": "没有测量每一秒还有多少人在看：有留存曲线时检查结果可能不同",
    },
    "segments_fail": {
        "en": "the checks fail once each segment of people reacts to the video in its own way",
        "zh": "让各人群各自对视频作出反应后，检查不能通过",
    },
    "segments_differ": {
        "en": "the share is another one once each segment of people reacts to the video in its own way",
        "zh": "让各人群各自对视频作出反应后，占比不同",
    },
    "segments_unknown": {"en": "no two segments of people are large enough", "zh": "没有两个足够大的人群"},
    "model_rejected": {
        "en": "the times do not follow the model that an interval would rest on",
        "zh": "时间不符合区间所依据的模型",
    },
    "not_fitted": {
        "en": "not fitted: larger ones had precedence (`most` in moments.yaml)",
        "zh": "未拟合：较大的优先（moments.yaml 中的 `most`）",
    },
    "no_exposure": {"en": "nobody watched, so there is no rate", "zh": "没有人观看，因此没有比率"},
    "depends_on_exposure": {
        "en": "the conclusion changes with what is assumed of the retention curve",
        "zh": "结论随对留存曲线的假设而变",
    },
    "no_onsets": {"en": "the strategy is not shown in these videos", "zh": "这些视频中没有出现该策略"},
    "too_few_responses": {"en": "fewer than 5 responses to compare", "zh": "可比较的回应不足 5 条"},
    "too_few_shifts": {"en": "fewer than 20 different shifts: no test", "zh": "不同的平移不足 20 种，无法检验"},
    "shifts_leave_it_open": {
        "en": "the shifts keep effects of any size: no interval",
        "zh": "平移检验无法排除任何大小的效应，不给区间",
    },
    "no_transcript": {
        "en": "no lines of these videos are known: messages that repeat one cannot be told",
        "zh": "没有这些视频的台词：无法识别重复台词的消息",
    },
    "layer_not_finished": {
        "en": "segments were marked, but nobody said that a video was watched for the code: a gap is no absence",
        "zh": "已标记片段，但没有人确认已为该编码看完视频：空白不等于没有出现",
    },
    "coder_saw_context": {
        "en": "the machine read what was spoken around each message: a lift may be read off the scene",
        "zh": "机器读到了每条消息前后的台词：增量可能来自画面内容本身",
    },
    "machine_only_saw_context": {
        "en": "machine only: not validated, and it read what was spoken around each message",
        "zh": "仅机器编码，未经验证，且机器读到了每条消息前后的台词",
    },
    "one_dose": {"en": "only one intensity was used", "zh": "只用到一种强度"},
    "ratio_undefined": {"en": "one of the two shares is 0: no ratio", "zh": "两个占比之一为 0：没有比值"},
    "none_to_compare": {"en": "none where it is compared with: no ratio", "zh": "用来比较的一方没有事件：没有比值"},
    "no_events": {"en": "it happened in neither stretch", "zh": "两处都没有发生"},
    "too_few_resampled": {
        "en": "fewer than 10 authors or videos to resample: no interval",
        "zh": "可重抽样的作者或视频不足 10 个，不给区间",
    },
    "not_decided": {"en": "the machine coder does not decide this code", "zh": "机器编码器不判定这个编码"},
    "no_joint_gold": {
        "en": "no sample in which people coded all the codes that are needed together",
        "zh": "没有一个样本由人工同时编码了所需的全部编码",
    },
    "no_authors": {"en": "the authors of the messages are not known", "zh": "不知道消息的作者"},
    "no_pairs": {"en": "no author sent two messages whose order is known", "zh": "没有作者发过两条先后可知的消息"},
    "no_series": {
        "en": "no two consecutive episodes of a series on one platform (`series` in study.yaml)",
        "zh": "同一平台上没有同系列的相邻两集（study.yaml 中的 `series`）",
    },
    "too_few_cases": {"en": "fewer than 5 cases on either side: described, not tested", "zh": "两侧中有一侧不足 5 例：只描述，不检验"},
    "groups_not_stable": {
        "en": "memberships change when messages are drawn again: these are no groups",
        "zh": "重抽消息后成员归属改变：这些不是群体",
    },
    "no_ties": {"en": "no two authors met often enough to be tied", "zh": "没有两名作者相遇得足够多而能连在一起"},
    "too_few_earlier": {"en": "fewer than 10 earlier videos to compare with", "zh": "可比较的更早视频不足 10 个"},
    "too_few_others": {"en": "fewer than 10 other videos to rank among", "zh": "可供排位的其他视频不足 10 个"},
    "nothing_shown": {"en": "nobody marked what this video shows", "zh": "没有人标记过这个视频中出现了什么"},
    "no_text_shown": {"en": "no words of this video are known", "zh": "不知道这个视频说了什么"},
    "no_duration": {"en": "the length of the video is not known", "zh": "不知道视频的长度"},
    "no_retention": {"en": "no retention curve of this video", "zh": "没有这个视频的留存曲线"},
    "masked_stretch": {
        "en": "left out of every analysis of moments (`mask` in moments.yaml)",
        "zh": "不进入任何时刻分析（moments.yaml 中的 `mask`）",
    },
    "watching_unknown": {
        "en": "views or a retention curve are missing: no rate per viewer",
        "zh": "缺少播放量或留存曲线：没有每位观众的比率",
    },
    "setting_chosen": {"en": "a setting that the data chose, no estimate", "zh": "由数据选定的设置，不是估计"},
    "as_specified": {"en": "as the specification says", "zh": "按分析设定"},
    "not_scanned": {
        "en": "not scanned: more series than the specification allows (`peaks.code_scans`)",
        "zh": "未扫描：序列多于设定的上限（`peaks.code_scans`）",
    },
    "planted": {"en": "planted by the simulation", "zh": "由模拟设定"},
    "shown_by_platform": {"en": "as the platform showed it", "zh": "平台显示的数值"},
}
"""Why a value or an interval is missing, in words."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One number with interval, n, unit, method, source and claim rung, or the reason there is none.

    Parameters
    ----------
    value : float or None
        The number; None needs a `reason`. Never NaN.
    low, high : float or None
        The interval; both or none, and none needs a `reason`.
    n : int
        Units that the number rests on; for a gold estimate the units that people coded, as in `n_gold`.
    unit : str
        What is counted: ``share`` in [0, 1], ``messages``, ``messages per second``, ``rank``, ``heat``, ``works``, ``units``;
        ``coefficient``: agreement corrected for chance, at most 1, 0 where coders agree as by chance, negative where they agree less;
        ``log odds``, ``odds ratio``; ``ETS delta``: -2.35 times a log odds ratio;
        ``seconds``; ``responses per viewer and visible response``.
    method : str
        Versioned name of the estimator, for example ``hajek_mean.v1``.
    confidence : float or None
        Level of the interval, in (0, 1).
    reason : str
        A key of `REASONS`, or empty.
    source : str
        One of `SOURCES`; empty from stats, filled by measures.
    rung : str
        Claim rung, one of `RUNGS`; empty from stats, filled by measures.

    Raises
    ------
    ValueError
        A field contradicts another: that is a fault of the program, not of the data.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    unit: str = "share"
    method: str = ""
    confidence: float | None = None
    reason: str = ""
    source: str = ""
    rung: str = ""
    measure: str = ""
    code: str | None = None
    value_id: str | None = None
    by: str = "all"
    subject: str = ""
    at_ms: int | None = None
    end_ms: int | None = None
    at: dt.datetime | None = None
    count: int | None = None
    n_videos: int | None = None
    n_gold: int | None = None
    coder: str | None = None
    target: str | None = None

    def __post_init__(self) -> None:
        for number in (self.value, self.low, self.high):
            if number is not None and not math.isfinite(number):
                raise ValueError(f"an estimate holds {number}: say None and a reason")
        if (self.low is None) != (self.high is None):
            raise ValueError("an interval has both ends or none")
        if self.value is None and self.low is not None:
            raise ValueError("an interval without a value")
        if self.low is None and not self.reason:
            raise ValueError("no interval and no reason")
        if self.reason and self.reason not in REASONS:
            raise ValueError(f"reason {self.reason!r} is not in REASONS")
        if self.low is not None and self.high is not None and self.value is not None and not self.low <= self.value <= self.high:
            raise ValueError(f"{self.value} lies outside [{self.low}, {self.high}]")
        if self.low is not None and self.confidence is None:
            raise ValueError("an interval without its confidence")

    @property
    def is_defined(self) -> bool:
        """Whether there is a number."""
        return self.value is not None

    def with_(self, **changes: Any) -> "Estimate":
        """A copy with some fields changed."""
        return replace(self, **changes)

    def why_none(self, lang: str = "en") -> str:
        """The reason in words; empty if an interval stands."""
        return REASONS[self.reason][lang] if self.reason else ""


FIELDS = tuple(field.name for field in fields(Estimate))
FRAME_SCHEMA = polars_schema(ESTIMATES)


def estimates_frame(estimates: Iterable[Estimate]) -> pl.DataFrame:
    """Many estimates as one frame with the columns of `core.schema.ESTIMATES`."""
    rows = [tuple(vars(estimate)[name] for name in FRAME_SCHEMA) for estimate in estimates]
    return pl.DataFrame(rows, schema=FRAME_SCHEMA, orient="row", infer_schema_length=None)


def estimates_from(frame: pl.DataFrame) -> list[Estimate]:
    """The estimates of a frame, in its order."""
    return [
        Estimate(**{**row, "reason": row["reason"] or "", "source": row["source"] or "", "rung": row["rung"] or ""})
        for row in frame.to_dicts()
    ]


def checked(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame, if each row is an estimate: no NaN, both ends of an interval or none, and a reason where there is none.

    Raises
    ------
    ValueError
        A row is none: a fault of a measure.
    """
    numbers = frame.select("value", "low", "high")
    if any(numbers[name].is_nan().any() or numbers[name].is_infinite().any() for name in numbers.columns):
        raise ValueError("an estimate is not finite: say null and a reason")
    half = frame.filter(pl.col("low").is_null() != pl.col("high").is_null())
    silent = frame.filter(pl.col("low").is_null() & (pl.col("reason").fill_null("") == ""))
    strange = frame.filter(
        ~pl.col("reason").fill_null("").is_in([*REASONS, ""]) | ~pl.col("rung").is_in(RUNGS) | ~pl.col("source").is_in(SOURCES)
    )
    for rows, what in ((half, "half an interval"), (silent, "neither interval nor reason"), (strange, "an unknown reason, rung or source")):
        if rows.height:
            raise ValueError(f"{rows.height} estimates have {what}: {rows.row(0, named=True)}")
    return frame.select(FRAME_SCHEMA.names())
