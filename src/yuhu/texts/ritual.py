"""Check-ins and other set moves: 打卡, 第一, 2023.9.1, 二刷, 来晚了, who's watching in 2024."""

from typing import Any

from yuhu.core.ids import content_hash
from yuhu.texts.signs import DATE, YEAR, ZH_NUMBER

NAME = "ritual"
VERSION = "ritual.v1"
LABEL = {"zh": "打卡类仪式性消息", "en": "ritual messages"}
WHAT = {
    "zh": "除打卡、抢前排、报日期、几刷、补课、来晚了等固定说法外没有别的内容",
    "en": "nothing but check-ins: 打卡, first, a date, the nth viewing, late-comers, who's watching in 2024",
}
PATTERNS = (
    DATE,
    r"打卡|签到|报到|报道|报个到|点卯|冒泡|路过|飘过|围观|留名|留爪|留念|留印|签名|占座|占位|占楼|占坑|插眼|插个眼|火钳刘明|火前留名|马克|mark|蹲一个",
    rf"抢?第[一1]|抢到第一|首评|首赞|前[{ZH_NUMBER}百千万\dn]{{1,5}}(?:名|排)?|前排(?:围观|吃瓜|出售|占座)*|沙发|板凳",
    r"我?(?:又|也|还是)?来(?:晚|迟)了?|姗姗来迟",
    r"(?:赶|回|过|前|特地|专门|才)?来?补补?课(?:来|的|了|啦|完|完毕|完成|结束|中|成功|人|ing)*|补完了?",
    rf"(?:[\dn{ZH_NUMBER}百千万亿几无数]{{1,5}}|不知道第?几|再)刷(?:了|啦|完成|完毕|结束|中|的)*",
    rf"第(?:\d{{1,4}}|[{ZH_NUMBER}百千nN几]{{1,3}})遍(?:看|来看|观看|刷)?(?:了|啦)*",
    r"考古(?:队|学家|人)?|挖坟|坟",
    rf"(?:还|好|真|刚出炉|趁)?热乎+(?:的|着|呢)*|刚刚(?:看完|看到)?|(?:\d{{1,3}}|[{ZH_NUMBER}]{{1,3}})(?:个)?(?:分钟|小时|秒|天)前",
    r"(?:现在|今天|如今)?还?有(?:没有)?(?:在看|看)?人(?:在|在看|看|来)?的?(?:吗|么|嘛|没|不)",
    r"(?:从|被|是)?(?:b站|首页|抖音|快手|微博|小红书|知乎|热搜|热榜|推荐|推送|朋友圈|大数据|公众号|人民日报|油管|youtube|tiktok)(?:首页|热搜|推荐|推送|推|给我)*(?:过来|来|进来|摸来|杀来)(?:的|了)?",
    r"first(?:comment|one|ever|like|view|viewer)?|(?:im|iam)(?:first|early|here)|early|earlysquad|noti(?:fication)?s?(?:squad|gang)",
    r"(?:im|iam|was)?herebefore(?:it(?:blowsup|blewup|goesviral|wentviral)|(?:a|\d+)?(?:k|m|million|thousand)+(?:views|likes)?)",
    rf"(?:who|anyone|anybody|whoelse|anyoneelse)(?:is|s|are|else|still)*(?:watching|rewatching|listening|here)(?:this|it|still|again|now)*(?:(?:in|from)?{YEAR})?",
    rf"(?:still)?(?:watching|rewatching|backhere|here)(?:this|it|again)*(?:in|on)(?:{YEAR}|{DATE})",
    r"day\d{1,4}(?:of)?(?:rewatching|checkingin|watching|comingback)?|(?:time\d{1,3}|\d{1,3}(?:st|nd|rd|th)time)(?:rewatching|watching|checkingin)?|checkingin|checkin",
    r"(?:like(?:this)?if(?:you)?a?re(?:also)?|greetings|hello|hi|watching|saludos)(?:from|desde)\p{Latin}{3,14}|likeifyourefrom\p{Latin}{3,14}",
    r"(?:thealgorithm|algorithm|tiktok|youtube|reels?|instagram|douyin|bilibili|twitter|reddit)(?:brought|sent)(?:me|us|you)(?:here|too)?",
    r"\d{1,3}(?:コメ|こめ|ゲット|get)|初コメ|初[見见](?:です)?|[記记]念(?:カキコ|パピコ|コメ|真紀子|真纪子)?|足[跡迹]|[\p{Han}\p{Katakana}ー]{1,8}から[見见]て(?:い)?ます",
)
PARAMETERS: dict[str, Any] = {"patterns": content_hash("\n".join(PATTERNS).encode())[:12]}
