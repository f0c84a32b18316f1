"""Words of the one page for people who make videos and exhibitions: plain, and no stronger than the estimates."""

MUSEUM: dict[str, dict[str, str]] = {
    "moments": {"en": "Three moments", "zh": "三个时刻"},
    "audiences": {"en": "For whom", "zh": "对谁有效"},
    "sure": {"en": "How sure", "zh": "有多确定"},
    "next": {"en": "What next", "zh": "下一步"},
    "moment": {
        "en": "{video}, {at}: people wrote about {ratio} times as many messages as the course of the video lets one expect (between {low} and {high} times).{screen}{expressed} [{rung}]",
        "zh": "{video}，{at}：人们发出的消息约为按视频走势预期的 {ratio} 倍（{low} 至 {high} 倍之间）。{screen}{expressed}[{rung}]",
    },
    "screen": {"en": " On screen: {what}.", "zh": "画面上：{what}。"},
    "expressed": {"en": " More often than elsewhere in the video they expressed {what}.", "zh": "与视频其余部分相比，更常表达：{what}。"},
    "expressed_one": {
        "en": "{code} ({points} percentage points, between {low} and {high})",
        "zh": "{code}（{points} 个百分点，{low} 至 {high} 之间）",
    },
    "expressed_unknown": {
        "en": " What was expressed there more than elsewhere is not established: it takes more messages from this moment that people have coded.",
        "zh": "此处比别处更多表达了什么，尚不能确定：需要人工编码更多来自这一时刻的消息。",
    },
    "no_moment": {
        "en": "No moment can be named: none stands out beyond chance, or no message has a media time. That is no proof that there is none.",
        "zh": "还不能指出任何时刻：没有超出偶然的时刻，或消息没有视频时间。这不等于没有这样的时刻。",
    },
    "more": {
        "en": "{first} more than {second} expresses {code}: by {points} percentage points (between {low} and {high}), from {n_gold} messages that people coded. [{rung}]",
        "zh": "与 {second} 相比，{first} 更常表达{code}：多 {points} 个百分点（{low} 至 {high} 之间），依据人工编码的 {n_gold} 条消息。[{rung}]",
    },
    "no_audience": {
        "en": "No difference between audiences is established: of {looked} that were looked at, none stands after correction for all of them{doubted}.",
        "zh": "尚未确立受众之间的差异：考察了 {looked} 个，校正后没有一个成立{doubted}。",
    },
    "doubted": {"en": "; {n} more are not established as comparable", "zh": "；另有 {n} 个尚不能确认可比"},
    "no_contrast": {
        "en": "Nothing can be said yet of who responds how: it takes messages of each audience that people have coded.",
        "zh": "还不能说明哪些受众如何回应：每类受众都需要有人工编码的消息。",
    },
    "D": {"en": "[D] describes the messages at hand, and nothing else.", "zh": "[D] 只描述现有的消息。"},
    "A-within": {
        "en": "[A-within] went together within these videos. Other things happened at the same time; it does not show that one brought about the other.",
        "zh": "[A-within] 表示在这些视频之内同时出现。同一时刻还有别的因素，不能说明谁引起了谁。",
    },
    "A-between": {
        "en": "[A-between] went together between videos, which differ in much else besides.",
        "zh": "[A-between] 表示在视频之间同时出现，而这些视频还有许多其他不同。",
    },
    "Q": {"en": "[Q] rests on a comparison that nobody planned as an experiment.", "zh": "[Q] 依据并非按实验设计的比较。"},
    "E": {"en": "[E] rests on an experiment.", "zh": "[E] 依据实验。"},
    "corpus": {
        "en": "Numbers speak of the messages of these {works} independent work(s); whether they hold elsewhere is not known.",
        "zh": "数字只涉及这 {works} 部独立作品的消息，在别处是否成立尚不清楚。",
    },
    "superpopulation": {
        "en": "Intervals reach beyond the {works} independent works at hand to works like them.",
        "zh": "区间由现有的 {works} 部独立作品推及同类作品。",
    },
    "gold": {
        "en": "People coded {n} messages, drawn by lot; what the machine counted is corrected by them.",
        "zh": "人工编码了随机抽取的 {n} 条消息，机器的计数据此校正。",
    },
    "no_gold": {
        "en": "No message drawn by lot was coded by people: what messages express rests on the machine alone, is not validated, and is not said here.",
        "zh": "没有随机抽取并由人工编码的消息：消息所表达的内容只有机器结果，未经验证，因此这里不作陈述。",
    },
    "alpha": {
        "en": "How far coders agree on {code}: alpha {value}{interval} (1 is full agreement, 0 is chance).",
        "zh": "编码员对“{code}”的一致程度：alpha {value}{interval}（1 为完全一致，0 为偶然水平）。",
    },
    "no_alpha": {"en": "How far coders agree was not worked out: yuhu agree.", "zh": "尚未计算编码员之间的一致程度：yuhu agree。"},
    "try_lift": {
        "en": "Worth trying again, in another place of a video: {strategy}. {sentence}",
        "zh": "值得在视频的其他位置再试：{strategy}。{sentence}",
    },
    "try_moment": {
        "en": "Worth trying again, in another place of a video: {what}, which was on screen at these moments. Write down beforehand what is expected, and compare with a version without it: only that can show that it works.",
        "zh": "值得在视频的其他位置再试：这些时刻画面上的{what}。事先写下预期，并与没有它的版本比较，才能说明它是否有效。",
    },
    "code_more": {
        "en": "Have people code about {units} messages drawn by lot for each audience to compare (yuhu sample): that gives a share within 5 percentage points at worst.",
        "zh": "为每类要比较的受众随机抽取约 {units} 条消息，由人工编码（yuhu sample）：最坏情况下占比的误差在 5 个百分点以内。",
    },
    "retention": {
        "en": "Ask the platform for retention curves (how many were still watching): without them more messages may only mean more viewers.",
        "zh": "向平台索取留存曲线（每一刻还有多少人在看）：没有它，消息多也可能只是观看的人多。",
    },
}
