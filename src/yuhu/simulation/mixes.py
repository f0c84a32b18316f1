"""How often each group of messages occurs, by language and channel, and at the moments of the episodes. Shares are per cent."""

from dataclasses import dataclass

Mix = dict[str, float]

MOVED = 24.0
"""Per cent of the messages that express affective empathy, in every language and channel: its true prevalence does not differ."""


def is_moved(group: str) -> bool:
    """Whether the messages of a group express affective empathy."""
    return group.startswith(("ae", "km"))


def balanced(mix: Mix, moved: float = MOVED) -> Mix:
    """The mix with `moved` per cent of affective empathy, 100 in all."""
    share = sum(part for group, part in mix.items() if is_moved(group))
    rest = sum(mix.values()) - share
    return {group: part * moved / share if is_moved(group) else part * (100 - moved) / rest for group, part in mix.items()}


_AE_ZH: Mix = {
    "ae1": 5.0, "ae2": 3.0, "ae1_odd": 4.4, "ae2_odd": 2.6, "ae_joy": 1.8, "ae_emoji": 0.9, "ae_ce": 1.1, "ae_ec": 0.9, "ae_relics": 1.1,
    "ae_km": 0.6, "km": 0.6, "ae_pd": 0.5, "ae_assoc": 0.5, "ae_id": 0.5, "ae_nation": 0.3, "ae_anger": 0.2,
}  # fmt: skip
_AE_EN: Mix = {
    "ae1": 6.0, "ae2": 5.6, "ae1_odd": 0.8, "ae2_odd": 0.7, "ae_joy": 2.2, "ae_emoji": 0.4, "ae_ce": 1.8, "ae_ec": 1.4, "ae_relics": 1.3,
    "ae_km": 0.8, "km": 0.6, "ae_pd": 0.5, "ae_assoc": 0.5, "ae_id": 0.1, "ae_nation": 0.2, "ae_anger": 0.2,
}  # fmt: skip

ZH_COMMENT: Mix = balanced(_AE_ZH | {
    "ce1": 1.6, "ce2": 3.6, "ec": 3.6, "anger_museum": 2.6, "anger_country": 1.8, "anger_own": 0.5, "id": 7.6, "id_formula": 1.6, "mem": 3.4, "mem_analogue": 0.3,
    "return": 6.4, "return_formula": 2.4, "negotiated": 0.6, "share": 0.4, "keep": 0.4, "visit": 2.2, "learn": 0.9, "pass_on": 1.3, "create": 1.1, "sign": 0.1,
    "donate": 0.4, "boycott": 0.3, "raid": 0.1, "ask": 2.2, "know": 1.3, "correct": 0.9, "hostile": 0.5, "explore": 1.0, "assoc": 0.8, "pride": 3.0, "thanks": 2.2,
    "shame": 0.7, "issue": 0.8, "interpret": 0.9, "taunt": 0.8, "irony": 0.4, "trap_quote": 0.4, "plot": 3.4, "confuse": 0.8, "continue": 4.0, "trap_plot": 0.9, "cast": 5.8,
    "trap_cast": 0.9, "ritual": 2.6, "joke": 3.2, "trap_joke": 0.5, "ads": 0.8, "other": 3.0, "trap_other": 0.4,
})  # fmt: skip
ZH_DANMAKU: Mix = balanced(_AE_ZH | {
    "ce1": 2.2, "ce2": 1.8, "ec": 4.8, "anger_museum": 1.6, "anger_country": 2.2, "id": 7.0, "id_formula": 2.0, "mem": 2.2, "return": 6.4, "return_formula": 2.8,
    "visit": 0.8, "learn": 0.2, "ask": 1.2, "know": 0.4, "correct": 0.3, "hostile": 0.4, "explore": 0.9, "pride": 2.4, "thanks": 1.0, "shame": 0.3,
    "taunt": 0.6, "irony": 0.3, "plot": 5.4, "confuse": 1.4, "continue": 3.6, "trap_plot": 1.1, "cast": 5.2, "trap_cast": 0.8, "ritual": 7.0, "joke": 7.2, "trap_joke": 0.8, "other": 5.0, "trap_other": 0.4,
})  # fmt: skip
EN_COMMENT: Mix = balanced(_AE_EN | {
    "ce1": 1.6, "ce2": 3.4, "ec": 3.2, "anger_museum": 2.4, "anger_country": 1.6, "anger_own": 0.5, "id": 1.6, "id_formula": 0.3, "mem": 1.4, "mem_analogue": 1.6,
    "return": 4.4, "return_formula": 0.9, "negotiated": 0.8, "share": 1.0, "keep": 3.2, "visit": 1.0, "learn": 1.2, "pass_on": 1.1, "create": 0.8, "sign": 0.6,
    "donate": 0.3, "boycott": 0.2, "ask": 2.6, "know": 1.2, "correct": 1.1, "hostile": 0.7, "explore": 1.0, "assoc": 0.9, "pride": 2.0, "thanks": 2.2,
    "shame": 0.7, "issue": 0.8, "interpret": 0.8, "taunt": 1.2, "irony": 0.7, "trap_quote": 1.4, "plot": 3.4, "confuse": 0.9, "continue": 4.4, "trap_plot": 3.0, "cast": 4.6,
    "trap_cast": 3.8, "ritual": 3.2, "joke": 3.0, "trap_joke": 2.5, "ads": 0.6, "other": 3.0, "trap_other": 1.1,
})  # fmt: skip
MIXED_COMMENT: Mix = {"ae2": 24, "return": 26, "id": 12, "plot": 20, "ritual": 18}
OTHER_COMMENT: Mix = {"ae2": 24, "return": 18, "cast": 22, "plot": 20, "ritual": 16}

_COMPANIONS: Mix = {
    "return": 5,
    "thanks": 4,
    "pride": 3,
    "visit": 2,
    "pass_on": 3,
    "cast": 3,
    "continue": 4,
    "ask": 1,
    "ec": 1.5,
    "mem": 1.5,
    "anger_museum": 2,
    "know": 1,
}
COMPANIONS: dict[str, Mix] = {"zh": _COMPANIONS | {"id": 4}, "en": _COMPANIONS | {"id": 1}}
"""What a longer comment goes on with; none of them is affective empathy."""


@dataclass(frozen=True)
class Moment:
    """A planted peak: where it stands, how wide it is (standard deviation), its share of the danmaku, and what they say.

    ``after`` is the timeline code whose segment begins 4 s before; empty where no segment belongs to it.
    """

    at_ms: int
    width_ms: int
    share: float
    name: str
    mix: Mix
    after: str = ""

    @property
    def onset_ms(self) -> int:
        """Where the segment begins that the danmaku answer to."""
        return self.at_ms - DELAY_MS


_TEARS: Mix = {
    "ae1": 24,
    "ae2": 16,
    "ae1_odd": 12,
    "ae2_odd": 9,
    "ae_emoji": 4,
    "ae_ce": 3,
    "ae_relics": 4,
    "ce1": 6,
    "ce2": 4,
    "ec": 11,
    "return": 7,
}
_FAREWELL: Mix = {
    "ae1": 16,
    "ae2": 6,
    "ae1_odd": 13,
    "ae2_odd": 6,
    "ae_relics": 18,
    "ae_id": 4,
    "ae_nation": 3,
    "ce2": 6,
    "ec": 7,
    "mem": 8,
    "return": 8,
    "id": 5,
}
_RAGE: Mix = {"anger_museum": 26, "anger_country": 24, "return": 22, "return_formula": 14, "mem": 8, "id": 6}
_LAUGH: Mix = {"joke": 66, "trap_joke": 8, "plot": 14, "cast": 12}
_WARM: Mix = {"ae_joy": 26, "km": 8, "ae_km": 10, "ec": 20, "thanks": 16, "id": 8, "ce1": 12}
_PROUD: Mix = {"pride": 30, "id": 28, "id_formula": 14, "thanks": 12, "mem": 8, "visit": 8}
_MORE: Mix = {"continue": 58, "confuse": 10, "cast": 14, "thanks": 10, "ritual": 8}

GREETINGS: Mix = {"greet": 88, "ritual": 12}
LONGING: Mix = {"ae1": 22, "ae2": 14, "ae1_odd": 12, "ae2_odd": 10, "ae_relics": 4, "ec": 14, "ce1": 4, "return": 14, "id": 6}
_LOST: Mix = {"confuse": 74, "plot": 16, "ask": 10}
DELAY_MS = 4_000
"""From the beginning of a segment to the middle of the peak after it."""
CONTAGION = 0.2
"""Share of danmaku that earlier danmaku drew, those on screen at the same moment of the video."""
LOST_AT = "nobody said how she got here"
"""The planted confusion after an episode's beginning that recalls nothing."""


EPISODES: dict[str, tuple[int, tuple[Moment, ...]]] = {
    "ep1": (
        352_000,
        (
            Moment(46_000, 2_500, 0.05, "she asks for the way in quaint words", _LAUGH, "humour"),
            Moment(148_000, 3_500, 0.11, "she says she wants to go home", _TEARS, "homecoming"),
            Moment(254_000, 3_500, 0.08, "the hall with the numbers", _RAGE, "loss"),
            Moment(344_000, 2_500, 0.03, "the episode stops at the door", _MORE, "cliffhanger"),
        ),
    ),
    "ep2": (
        401_000,
        (
            Moment(11_000, 3_000, 0.025, LOST_AT, _LOST),
            Moment(68_000, 3_000, 0.06, "the teapot meets a self-service till", _LAUGH, "humour"),
            Moment(179_000, 3_500, 0.1, "she falls asleep on the bench", _TEARS, "homecoming"),
            Moment(288_000, 4_000, 0.07, "he puts his coat around her", _WARM, "warmth"),
            Moment(393_000, 2_500, 0.03, "the plane leaves without an answer", _MORE, "cliffhanger"),
        ),
    ),
    "ep3": (
        434_000,
        (
            Moment(78_000, 3_000, 0.06, "home at last", _WARM, "homecoming"),
            Moment(201_000, 4_000, 0.12, "the relics' letters are read", _FAREWELL, "homecoming"),
            Moment(312_000, 4_000, 0.07, "the workshop of the carver", _PROUD),
            Moment(401_000, 3_500, 0.07, "she turns back", _RAGE | {"ae1": 20, "ae1_odd": 12}, "loss"),
        ),
    ),
}
"""Length in milliseconds and planted moments of each episode."""


SWELLS: dict[str, tuple[int, ...]] = {
    "ep1": (77_000, 105_000, 181_000, 212_000, 288_000, 316_000),
    "ep2": (97_000, 132_000, 209_000, 242_000, 320_000, 354_000),
    "ep3": (115_000, 154_000, 236_000, 269_000, 343_000, 372_000),
}
"""Segments of homecoming after which no more danmaku come, but more of them are moved."""
SWELL_MS = (1_500, 14_500)
SWELL_SHARE = 0.85
"""Where a swell lies after the beginning of its segment, and which share of the background it changes there."""
FADING = 1.15
"""The background thins out like a beta density with the exponents 1 and this."""


def swelling(work: str) -> float:
    """Share of an episode's background that swells change."""
    duration = EPISODES[work][0]
    return SWELL_SHARE * sum(_before(start + SWELL_MS[1], duration) - _before(start + SWELL_MS[0], duration) for start in SWELLS[work])


def _before(at_ms: int, duration_ms: int) -> float:
    """Share of the background before a moment."""
    return 1.0 - float((1 - at_ms / duration_ms) ** FADING)


def between(work: str, greeting: float) -> Mix:
    """What danmaku say outside the planted moments, such that affective empathy comes to `MOVED` per cent of the whole episode."""
    _, moments = EPISODES[work]
    left = 1 - greeting - sum(moment.share for moment in moments)
    planted = sum(moment.share * _moved(moment.mix) for moment in moments) + left * swelling(work) * _moved(LONGING)
    return balanced(ZH_DANMAKU, (MOVED - 100 * planted) / (left * (1 - swelling(work))))


def _moved(mix: Mix) -> float:
    return sum(part for group, part in mix.items() if is_moved(group)) / sum(mix.values())
