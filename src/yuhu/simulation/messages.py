"""Writing one message: a group by its share, a template, its slots, its ornament, and the truth that goes with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from yuhu.core.randomness import generator
from yuhu.simulation import templates_en, templates_zh
from yuhu.simulation.mixes import COMPANIONS, EN_COMMENT, MIXED_COMMENT, OTHER_COMMENT, ZH_COMMENT, ZH_DANMAKU, Mix
from yuhu.simulation.script import Dice, Template, Truth, fill, merged, read_groups

LANGUAGES = ("zh", "en", "mul", "other")
COMMENT_MIX: dict[str, Mix] = {"zh": ZH_COMMENT, "en": EN_COMMENT, "mul": MIXED_COMMENT, "other": OTHER_COMMENT}
DANMAKU_MIX = ZH_DANMAKU

_SHORT = 30
_LONG_SHARE = 0.16
_TRADITIONAL_SHARE = 0.07
_ENDS = ("?", "？", "]", "/s")
_ORNAMENTS = {
    "zh": {
        "sad": ("", "", "", "😭", "😭😭", "😭😭😭", "呜呜呜", "……", "[大哭]", "！！", "💔"),
        "joy": ("", "", "！", "！！", "🥳", "❤️", "～", "😊"),
        "laugh": ("", "", "哈哈", "哈哈哈哈", "[笑哭]", "🤣"),
        "plain": ("", "", "", "", "", "！", "！！", "。", "～", "…"),
        "none": ("",),
    },
    "en": {
        "sad": ("", "", "", " 😭", " 😭😭", " 😭😭😭", "...", " 💔", "!!", " 🥺"),
        "joy": ("", "", "!", "!!", " ❤️", " 😊", " :)"),
        "laugh": ("", "", " lol", " haha", " 🤣", " 😂"),
        "plain": ("", "", "", "", "", "!", ".", "..."),
        "none": ("",),
    },
}


@dataclass(frozen=True)
class Message:
    """A text and what it expresses."""

    text: str
    truth: Truth


@cache
def _groups() -> dict[str, dict[str, list[Template]]]:
    return {
        "zh": read_groups(templates_zh.GROUPS),
        "en": read_groups(templates_en.GROUPS),
        "mul": read_groups(templates_en.MIXED),
        "other": read_groups(templates_en.OTHERS),
    }


@cache
def _slots() -> dict[str, dict[str, list[str]]]:
    zh, en = ({name: text.split("|") for name, text in slots.items()} for slots in (templates_zh.SLOTS, templates_en.SLOTS))
    return {"zh": zh, "en": en, "mul": en, "other": en}


@cache
def _short(name: str) -> list[Template]:
    templates = _groups()["zh"][name]
    return [template for template in templates if _longest(template.text) <= _SHORT] or templates


def _longest(text: str) -> int:
    """About the length of the longest text of a template."""
    length = 0
    for piece in text.replace("{", "\0{").replace("}", "}\0").split("\0"):
        length += max(map(len, piece[1:-1].split("|"))) if piece.startswith("{") else len(piece)
    return length


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2t")


class Writer:
    """Writes messages for one video and channel.

    Parameters
    ----------
    seed : int
        The study's seed.
    *task : str
        What they are for; each writer has its own numbers.
    """

    def __init__(self, seed: int, *task: str) -> None:
        self._generator = generator(seed, "simulation", "messages", *task)
        self._dice = Dice(self._generator)

    def groups(self, mix: Mix, n: int) -> list[str]:
        """`n` groups drawn by their shares."""
        names = list(mix)
        shares = np.array([mix[name] for name in names])
        return [names[at] for at in self._generator.choice(len(names), size=n, p=shares / shares.sum())]

    def danmaku(self, group: str) -> Message:
        """A short Chinese message."""
        return self._message("zh", _short(group))

    def comments(self, languages: Sequence[str]) -> list[Message]:
        """A message for each language; some go on with a second thought."""
        tongues = np.array(languages, dtype=object)
        drawn: dict[str, list[str]] = {lang: self.groups(COMMENT_MIX[lang], int((tongues == lang).sum())) for lang in LANGUAGES}
        more = self._generator.random(len(languages)) < _LONG_SHARE
        seconds = {lang: self.groups(mix, len(languages)) for lang, mix in COMPANIONS.items()}
        return [
            self._comment(lang, drawn[lang].pop(), seconds[lang].pop() if longer and lang in seconds else None)
            for lang, longer in zip(languages, more.tolist(), strict=True)
        ]

    def _comment(self, lang: str, group: str, second: str | None) -> Message:
        first = self._message(lang, _groups()[lang][group])
        if second is None or group in {second, "ae_emoji"}:
            return first
        last = self._message(lang, _groups()[lang][second])
        between = self._dice.pick(("。", "，", " ", "！")) if lang == "zh" else self._dice.pick((". ", ", ", " ", "! "))
        return Message(first.text.rstrip("。.，,") + between + last.text, merged(first.truth, last.truth))

    def _message(self, lang: str, templates: Sequence[Template]) -> Message:
        template = templates[int(self._dice.roll() * len(templates))]
        text = fill(template.text, _slots()[lang], self._dice)
        text = " ".join(text.replace(" ,", ",").split())
        ornament = self._dice.pick(_ORNAMENTS["zh" if lang == "zh" else "en"][template.ornament])
        text += "" if text.endswith(_ENDS) and template.ornament == "plain" else ornament
        if lang == "zh" and self._dice.roll() < _TRADITIONAL_SHARE:
            text = _converter().convert(text)
        if lang == "en" and self._dice.roll() < 0.3:
            text = text.lower() if self._dice.roll() < 0.85 else text.upper()
        return Message(text, template.truth)
