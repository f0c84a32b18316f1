"""What the constructed episodes show: segments of strategies, those that danmaku answer and those that nobody does, and the lines that are spoken."""

from dataclasses import dataclass

from yuhu.simulation.mixes import EPISODES, SWELLS

LENGTH_MS = 9_000


@dataclass(frozen=True)
class Span:
    """A segment with a timeline code."""

    code: str
    start_ms: int
    end_ms: int
    value: str = "1"


_UNANSWERED: dict[str, dict[str, tuple[tuple[int, str], ...]]] = {
    "ep1": {
        "symbol": ((31_000, "1"), (66_000, "1"), (132_000, "1"), (173_000, "1"), (235_000, "1"), (307_000, "1")),
        "music_swell": ((59_000, "1"), (126_000, "1"), (207_000, "1"), (271_000, "1")),
        "group_appearance": ((95_000, "1"), (164_000, "1"), (282_000, "1")),
        "anthropomorphism": ((22_000, "1"), (99_000, "3"), (196_000, "2"), (266_000, "1")),
        "context_for_outsiders": ((35_000, "1"),),
    },
    "ep2": {
        "symbol": ((38_000, "1"), (88_000, "1"), (121_000, "1"), (199_000, "1"), (262_000, "1"), (344_000, "1")),
        "music_swell": ((53_000, "1"), (155_000, "1"), (230_000, "1"), (309_000, "1")),
        "group_appearance": ((83_000, "1"), (160_000, "1"), (305_000, "1")),
        "anthropomorphism": ((28_000, "2"), (114_000, "1"), (232_000, "3"), (340_000, "2")),
    },
    "ep3": {
        "symbol": ((31_000, "1"), (61_000, "1"), (137_000, "1"), (181_000, "1"), (259_000, "1"), (332_000, "1")),
        "music_swell": ((51_000, "1"), (98_000, "1"), (221_000, "1"), (294_000, "1"), (374_000, "1")),
        "group_appearance": ((104_000, "1"), (225_000, "1"), (326_000, "1")),
        "anthropomorphism": ((24_000, "1"), (141_000, "3"), (290_000, "2"), (369_000, "3")),
        "recap": ((1_000, "1"),),
        "call_to_action": ((421_000, "1"),),
        "context_for_outsiders": ((90_000, "1"),),
    },
}
"""Segments that no danmaku answer, with their values: a study that finds a lift after them finds what is not there."""

LINES: dict[str, tuple[tuple[int, str], ...]] = {
    "ep1": (
        (12_000, "今天的展厅又要关门了"),
        (41_000, "请问先生，出口往何处去"),
        (78_000, "我是一只壶，不是一件展品"),
        (144_000, "带我回家，好不好"),
        (181_000, "家在东边，很远很远"),
        (249_000, "他们给我们编了号"),
        (288_000, "家里的灯还亮着吗"),
        (341_000, "门开了，可是只开了一条缝"),
    ),
    "ep2": (
        (6_000, "这里是哪一座城"),
        (63_000, "这机器为何同我说话"),
        (97_000, "想家的时候就看看月亮"),
        (175_000, "睡吧，醒来就离家更近了"),
        (209_000, "家书我都背下来了"),
        (284_000, "风大，披上我的外套"),
        (320_000, "回家的路费要多少"),
        (389_000, "飞机要起飞了"),
    ),
    "ep3": (
        (2_000, "前情提要：她带着信上了路"),
        (74_000, "到家了"),
        (115_000, "家里的人还记得我们"),
        (197_000, "展信佳，见字如面"),
        (236_000, "家中一切可好"),
        (308_000, "师傅的手还是这样稳"),
        (343_000, "有人还没有回家"),
        (397_000, "我要回去陪他们"),
    ),
}
"""Beginnings in milliseconds of spoken lines."""

ANSWERED = tuple(sorted({moment.after for _, moments in EPISODES.values() for moment in moments} - {""}))
"""Timeline codes whose segments danmaku answer."""
UNANSWERED = tuple(sorted({code for codes in _UNANSWERED.values() for code in codes}))


def spans(work: str) -> list[Span]:
    """The segments of an episode, in order."""
    duration, moments = EPISODES[work]
    answered = [(moment.after, moment.onset_ms, "1") for moment in moments if moment.after]
    answered += [("homecoming", start, "1") for start in SWELLS[work]]
    others = [(code, start, value) for code, starts in _UNANSWERED[work].items() for start, value in starts]
    return sorted(
        (Span(code, start, min(start + LENGTH_MS, duration), value) for code, start, value in answered + others),
        key=lambda span: (span.start_ms, span.code),
    )


def lines(work: str) -> list[tuple[int, int, str]]:
    """Beginning, end and text of each spoken line."""
    return [(start, start + 3_500, text) for start, text in LINES[work]]
