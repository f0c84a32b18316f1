"""Times that a platform tells only as "3 months ago": how long ago, and how coarse that is."""

import re

MINUTE, HOUR, DAY, WEEK, MONTH, YEAR = 60, 3600, 86_400, 604_800, 2_592_000, 31_536_000
UNKNOWN_S = YEAR // 2
"""How coarse a time is whose words are not understood."""

_WORDS = (
    (YEAR, "y yr yrs year years año años ano anos an ans anno anni jahr jahre jahren jaar tahun năm yıl rok lata lat год года лет"),
    (MONTH, "mo month months mes meses mês mois mese mesi monat monate monaten maand maanden bulan tháng ay miesiąc miesiące miesięcy"),
    (MONTH, "месяц месяца месяцев"),
    (WEEK, "w wk wks week weeks semana semanas semaine semaines woche wochen settimana settimane weken minggu tuần hafta"),
    (WEEK, "tydzień tygodnie tygodni неделю недели недель"),
    (DAY, "d day days día días dia dias jour jours tag tage tagen giorno giorni dag dagen hari ngày gün dzień dni день дня дней"),
    (HOUR, "h hr hrs hour hours hora horas heure heures stunde stunden ora ore uur jam giờ saat godzinę godziny godzin час часа часов"),
    (MINUTE, "min mins minute minutes minuto minutos minuten minuti minuut menit phút dakika minutę minuty minut минуту минуты минут"),
    (1, "s sec secs second seconds segundo segundos seconde secondes sekunde sekunden secondo secondi seconden detik giây saniye"),
    (1, "sekundę sekundy sekund секунду секунды секунд"),
)
_UNIT_OF = {word: unit for unit, words in _WORDS for word in words.split()}
_WORD = re.compile(r"[^\W\d_]+")
_SIGNS = (
    (YEAR, re.compile("年|년|ปี|سن[ةو]|साल|वर्ष")),
    (MONTH, re.compile("月|개월|เดือน|شهر|شهور|أشهر|महीन")),
    (WEEK, re.compile("[周週주]|星期|[礼禮]拜|สัปดาห์|أسبوع|أسابيع|सप्ताह|हफ़्त|हफ्त")),
    (DAY, re.compile("[天日일]|วัน|يوم|أيام|दिन")),
    (HOUR, re.compile("小[时時]|時間|시간|ชั่วโมง|ساع|घंट|घण्ट")),
    (MINUTE, re.compile("[分분]|นาที|دقيق|دقائق|मिनट")),
    (1, re.compile("[秒초]|วินาที|ثاني|ثوان|सेकंड|सेकेंड")),
)
"""For scripts that set no blanks between words, or bend them; the longest unit first, since its sign may hold a shorter one's."""

_NOW = re.compile(r"\bnow\b|刚刚|剛剛|たった今|방금")
_DAY = re.compile(r"\b(?:yesterday|today)\b|昨天|昨日|今天|今日|어제|오늘")
_NUMBER = re.compile(r"\d{1,4}")
_ASIDE = re.compile(r"[(（][^)）]*[)）]")


def unit_of(told: str) -> int | None:
    """Seconds of the unit in which a time is told (a month as 30 days, a year as 365); None where the words are not understood.

    English, Chinese, Japanese, Korean, Spanish, Portuguese, French, German, Italian, Dutch, Polish, Russian, Turkish, Indonesian, Vietnamese,
    Thai, Arabic and Hindi are.
    """
    told = _ASIDE.sub(" ", told.lower())
    if _NOW.search(told):
        return MINUTE
    if _DAY.search(told):
        return DAY
    named = next((_UNIT_OF[word] for word in _WORD.findall(told) if word in _UNIT_OF), None)
    return named or next((unit for unit, sign in _SIGNS if sign.search(told)), None)


def seconds_ago(told: str) -> int | None:
    """How many seconds before the time of collection a message was sent, by its own words; None where they hold no number or no unit."""
    unit, number = unit_of(told), _NUMBER.search(told)
    return int(number.group()) * unit if unit is not None and number else None
