"""How plausible a decoded text is as something that people wrote: common characters of Chinese, Japanese and Korean, and accents where they belong.

The lists are the commonest characters of comments and danmaku, written down for this purpose; ranges of the national standards, which put
common characters before rare ones, do the rest.
"""

import re
from collections import Counter
from functools import cache
from typing import Literal

Language = Literal["hans", "hant", "ja", "ko", "latin", "any"]

_BOTH = (
    "的一是了我不在人有他她它大地中你生年着就那和要出也得自以可下而天去能小多然于心之都好看起成只如事把用第道想作又行意方十"
    "今日手知面最女但前所同己高位分很名法感其此常活正真太才新比先口由死安性白光或住快命花色更加主理力文本公特做外相海走月"
    "再水像眼入定期子回到家美早火些故求星字次身句信友站完全自世什使古等打被神老者若跟向父母男百千忘思念情哭啊吧呀哦嗯唉嘛"
    "哈啦哇呢嘿喔噢怪怕抱希望笑支持祝福幸永久配音乐求救英雄平安致敬泪破防催虐甜帅超棒狗球牛推荐封每集片部段史博物文土堂"
)
_HANS = (
    "这个们来时为说国里后会过对学么总从无见还样种发当没动经长儿爱给间话与进将实声车气并书电体处让应场报关张认内军岁觉带万边风变"
    "师满战远轻条吗泪谢欢远妈谁问听写难乐东记亲开门号点馆壶剧爷奶错坏惊吓请帮办务买卖钱题热简单丽网红习华历丝价网连选讲论读"
    "语诉该谈试识词诗评课谁样终结绝练组细织终统线红纪约级线纯纸继绪续缘赞赶厉楼梦伤痛温暖强独鸡欢义乡飞马鱼鸟龙怀旧离归终现"
    "业产专严东丧两严丰临举习于云互产亲仅从仓仪价众优伙伟传伤伦体余侠侣促保兴养冲决况净凉减凤凭击创删别剧劝劲励劳势"
)
_HANT = (
    "這個們來時為說國裡裏後會過對學麼總從無見還樣種發當沒動經長兒愛給間話與進將實聲車氣並書電體處讓應場報關張認內軍歲覺帶萬邊風"
    "變師滿戰遠輕條嗎淚謝歡媽誰問聽寫難樂東記親開門號點館壺劇爺錯壞驚嚇請幫辦務買賣錢題熱簡單麗網紅習華歷絲價連選講論讀語訴該談"
    "試識詞詩評課終結絕練組細織統線紀約級純紙繼緒續緣讚趕厲樓夢傷強獨雞義鄉飛馬魚鳥龍懷舊離歸現業產專嚴喪兩豐臨舉於雲僅倉儀眾優"
    "夥偉傳倫餘俠侶興養沖決況淨涼減鳳憑擊創別勸勁勵勞勢灣臺台您妳喔齁欸囉耶咧捏哩喲哪啥嗨怎樣"
    "嗚讚贊乾杯嘆淒慘髮滾嘅咗佢哋冇係唔咁啲嚟睇喺喇喎囉嘢乜咩噉嗰仲啱"
)
_KANJI = (
    "日一国人年大十本中長出三時行見月分後前生間上東今金九入学高円子外来気小山話女北午百書先名川水半男電校語土木食車何万毎白天母火"
    "右読友左休父雨私僕俺君彼自思言事方手目心作会社新場同動好笑泣神曲歌声画面最初回懐愛楽待続感涙優頑張嬉悲怖凄全部当然無理家族死"
    "元明代的知使合正直変顔美可草乙弾幕職投稿主再取持向世界夢終始強弱早遅多少聞帰朝昼夜春夏秋冬花空海風物文化博館逃違若昔久々悪良"
    "誰皆体力番組映像音度着通用意味問題必要答教実現対応開閉止走歩立座待呼返送信受付切味飲店駅道町村市県区英料理転勉強旅写真仕"
)
_HANGUL = (
    "이다는가을를에의은고하지도서한기그사나아리자라로인대어시해일수정들만스전보게오부주원상제거있었했것같없구장동우여안국요습니까면"
    "세데성신공금년모소중문당되조치운무연선내개진영비위물때양과화더관회적생말마좋너네야저음웃유와감눈슬픔싶겠됐봐줘왜뭐진짜너무정말"
    "사랑합녕반갑죄송행복최울죽살집엄빠형누언친학교영상댓글노래꿈먹갔왔받았않못잘또많번천백명씨님렇줄몰랐역심편빨춤멈춰독국목름찮맛밥힘믿웠겁돼"
)
_PUNCTUATION = "、。，！？；：（）「」『』【】《》〈〉“”‘’…—～·・　＂＃％＆＋－／０１２３４５６７８９＝"
_FACES = "★☆■□◆◇●○◎▽△▼▲→←↑↓♪♡♥∀ωДдε´｀￣＿≧≦⊃〃ヽノ"
_KANA_RICH = 0.2
_LATIN_MOST_SHARE = 0.4
_BROKEN = -6.0

_ACCENTED = re.compile("(?<=[A-Za-z])[ß-öø-ÿœšž]|[ß-öø-ÿœšž](?=[A-Za-z])|(?<![^\\s'’(])[àâéèêìíòóùúñ](?![^\\s,.!?'’])")
_CAPITAL = re.compile("(?<![a-zß-öø-ÿ])[À-ÖØ-ÞŒŠŽ](?=[A-Za-z])|(?<=[A-Z])[À-ÖØ-ÞŒŠŽ](?![a-z])")
_TYPED = re.compile("[’‘“”–—…€£°«»¿¡©®™·•\xa0´²ºª]")
_CROWDED = re.compile("[À-ÖØ-öø-ÿ]{2,}")


def plausibility(text: str, language: Language) -> float:
    """Mean weight of the characters beyond ASCII: about 2 for what people write in this language, below 0 for bytes read in a wrong encoding.

    Notes
    -----
    O(length). A text of ASCII alone has 0.
    """
    if language == "latin":
        return _latin(text)
    counts = Counter(text)
    beyond = {char: n for char, n in counts.items() if char >= "\x80"}
    total = sum(beyond.values())
    if not total:
        return 0.0
    kana = sum(n for char, n in beyond.items() if _is_kana(char))
    if language == "hans" and kana >= _KANA_RICH * total:
        language = "ja"
    weights = _weights(language)
    return sum(n * (weights[char] if char in weights else _otherwise(char, language)) for char, n in beyond.items()) / total


def is_kana_rich(text: str) -> bool:
    """Whether a good part of the characters beyond ASCII are kana, so that the text is Japanese."""
    beyond = [char for char in text if char >= "\x80"]
    return bool(beyond) and sum(map(_is_kana, beyond)) >= _KANA_RICH * len(beyond)


def _is_kana(char: str) -> bool:
    return "\u3041" <= char <= "\u30fe" and char != "\u30fb"


@cache
def _weights(language: Language) -> dict[str, float]:
    weights: dict[str, float] = {}
    if language in {"hans", "any"}:
        weights |= dict.fromkeys(_of("big5", 0xA4, 0xC6), 0.3) | dict.fromkeys(_of("gb2312", 0xB0, 0xD7), 1.0)
        weights |= dict.fromkeys(_BOTH + _HANS + _HANT, 3.0)
    if language == "hant":
        weights |= dict.fromkeys(_of("big5", 0xA4, 0xC6), 0.7) | dict.fromkeys(_of("big5", 0xA4, 0xAF), 1.4)
        weights |= dict.fromkeys(_BOTH + _HANT, 3.0)
    if language in {"ja", "any"}:
        weights |= {char: max(weights.get(char, 0), 1.0) for char in _of("euc_jp", 0xB0, 0xCF)}
        weights |= dict.fromkeys(_KANJI, 3.0) | dict.fromkeys(map(chr, range(0x3041, 0x30FF)), 2.5)
        weights |= dict.fromkeys(map(chr, range(0xFF61, 0xFFA0)), -0.5)
    if language in {"ko", "any"}:
        weights |= dict.fromkeys(_of("euc_kr", 0xB0, 0xC8), 0.5) | dict.fromkeys(_HANGUL, 3.0)
        weights |= dict.fromkeys(map(chr, range(0x3131, 0x3164)), 1.5)
    weights |= dict.fromkeys(_FACES, 0.5) | dict.fromkeys(_PUNCTUATION, 1.0) | {"の": 2.5 if language == "ja" else 1.5}
    return weights | ({"—": -0.5} if language == "ja" else {})


def _of(encoding: str, first: int, last: int) -> set[str]:
    """The characters of rows of a standard."""
    found = set()
    for lead in range(first, last + 1):
        for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF)):
            char = bytes([lead, trail]).decode(encoding, "ignore")
            if len(char) == 1 and char >= "\x80":
                found.add(char)
    return found


def _otherwise(char: str, language: Language) -> float:
    """The weight of a character that is in no list."""
    at = ord(char)
    if char == "\ufffd" or 0x80 <= at < 0xA0 or 0xD800 <= at < 0xF900 or at & 0xFFFE == 0xFFFE:
        return _BROKEN
    if 0x1F000 <= at < 0x1FB00 or 0x2600 <= at < 0x27C0 or at in {0x200D, 0xFE0F}:
        return 1.0
    if 0xFF01 <= at < 0xFF5F:
        return 0.5
    if language == "any" and (0xC0 <= at < 0x180 or 0x391 <= at < 0x3CA or 0x410 <= at < 0x452 or 0x5D0 <= at < 0x650):
        return 1.5
    if 0x4E00 <= at < 0xA000 or 0xAC00 <= at < 0xD7A4:
        return -2.0
    return -0.5 if 0x2000 <= at < 0x3400 else -1.5


def _latin(text: str) -> float:
    beyond = [char for char in text if char >= "\x80"]
    letters = sum(char.isalpha() and char < "\x80" for char in text)
    if not beyond or len(beyond) > _LATIN_MOST_SHARE * (letters + len(beyond)):
        return _BROKEN if beyond else 0.0
    accented, capital, typed = (len(found.findall(text)) for found in (_ACCENTED, _CAPITAL, _TYPED))
    broken = sum(char == "\ufffd" or "\x80" <= char < "\xa0" for char in beyond)
    crowded = sum(len(run) - 1 for run in _CROWDED.findall(text))
    rest = max(len(beyond) - accented - capital - typed - broken, 0)
    return (1.3 * accented + 0.8 * capital + 0.6 * typed - 2 * rest - 1.5 * crowded + _BROKEN * broken) / len(beyond)
