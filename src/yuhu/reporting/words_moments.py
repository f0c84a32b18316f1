"""Words of the section on moments: rates over media time, and peaks."""

MOMENTS: dict[str, dict[str, str]] = {
    "title": {"en": "Moments with more messages", "zh": "消息更多的时刻"},
    "lead": {
        "en": "Where more danmaku were sent than the course of the video lets expect. Every stretch of {shortest} to {longest} was looked at, and p is the chance of such a stretch anywhere in a video in which nothing stands out: "
        "{alpha} for any false peak in a video. Of {videos} videos, {found} have at least one. [A-within]",
        "zh": "弹幕数高于视频总体走势所预期的时刻。检查了 {shortest} 至 {longest} 的所有时段；p 是在没有任何突出时刻的视频中出现这样一个时段的概率：每个视频出现任何虚假峰值的概率为 {alpha}。"
        "{videos} 个视频中有 {found} 个至少有一个峰值。[A-within]",
    },
    "limits": {
        "en": "A peak says that more was sent, not that anybody was moved, and what was on screen need not be why. Danmaku draw danmaku. What stood there is what coders marked, and from {before} before the peak on, because typing takes time.",
        "zh": "峰值说明发送得更多，不说明有人被打动；当时画面上的内容也未必是原因，弹幕会引来弹幕。画面内容来自编码员的标记，从峰值之前 {before} 算起，因为打字需要时间。",
    },
    "known": {"en": "How many were watching is known from retention curves (videos: {n}).", "zh": "观看人数来自留存曲线（{n} 个视频）。"},
    "assumed": {
        "en": "How many were watching at each moment is not known (videos: {n}). A peak is given only if it stands under every assumption: {names}. Watching that halves at a steady pace changes the course, which the scan takes out, and never a peak.",
        "zh": "有 {n} 个视频不知道每一刻有多少人在看。峰值只有在每种假设下都成立才给出：{names}。以恒定速度减半的观看只改变总体走势，而扫描已除去走势，因此不影响峰值。",
    },
    "all_messages": {"en": "all messages", "zh": "全部消息"},
    "flat": {"en": "as many to the end", "zh": "人数始终不变"},
    "half_life": {"en": "half gone after {share} of the length", "zh": "看到全长的 {share} 时只剩一半"},
    "declared": {"en": "the declared curve", "zh": "声明的曲线"},
    "measured": {"en": "the retention curve", "zh": "留存曲线"},
    "peak": {
        "en": "{video}, {at}: {ratio} times as many messages as expected{interval}, p {p}{screen}. [A-within]",
        "zh": "{video}，{at}：消息是预期的 {ratio} 倍{interval}，p {p}{screen}。[A-within]",
    },
    "inside": {
        "en": "{video}, {at}: {code} ({value}) is expressed {points} points more often than outside all peaks [{low}, {high}], corrected; {n_gold} gold units. [A-within]",
        "zh": "{video}，{at}：与所有峰值之外相比，“{code}（{value}）”的占比相差 {points} 个百分点 [{low}, {high}]（校正后）；黄金样本 {n_gold} 个单位。[A-within]",
    },
    "screen": {"en": "; on screen: {what}", "zh": "；画面上：{what}"},
    "interval": {"en": " [{low}, {high}]", "zh": " [{low}, {high}]"},
    "nothing": {
        "en": "{video}: no moment stands out (p {p} for the strongest, {at}). That is no proof that there is none. [A-within]",
        "zh": "{video}：没有突出的时刻（最强处 {at}，p {p}）。这不能证明没有。[A-within]",
    },
    "untested": {"en": "{video}: not scanned: {why}.", "zh": "{video}：未扫描：{why}。"},
    "depends": {
        "en": "{video}, {at}: {why}. It is not given as a peak.",
        "zh": "{video}，{at}：{why}。不作为峰值给出。",
    },
    "more": {"en": "{n} more videos are in the tables of estimates.", "zh": "另有 {n} 个视频见估计值表。"},
    "planted": {
        "en": "Planted by the simulation: {n} moments; found {hit}{missed}. Peaks found that were not planted: {extra}.",
        "zh": "模拟设定了 {n} 个时刻，找到 {hit} 个{missed}。找到但并未设定的峰值：{extra} 个。",
    },
    "missed": {"en": "; not found: {which}", "zh": "；未找到：{which}"},
    "missed_one": {"en": "{video} {at} ({share} of the messages)", "zh": "{video} {at}（占消息的 {share}）"},
    "figure_note": {
        "en": "Line: messages per second by local likelihood, if as many had watched at each moment as on average ({scenario}); band: its 95 % interval at each moment; thin lines: the same under the other assumptions. Shaded: peaks. Grey bars: counts in steps of {width}. Below: what most coders marked.",
        "zh": "线：局部似然估计的每秒消息数，按每一刻的观看人数等于平均值折算（{scenario}）；带：逐点 95 % 区间；细线：其他假设下的同一曲线。阴影：峰值。灰柱：每 {width} 的计数。下方：多数编码员标记的内容。",
    },
    "rate": {"en": "messages per second", "zh": "每秒消息数"},
    "table": {"en": "Peaks in {video}", "zh": "{video} 的峰值"},
    "when": {"en": "from – to", "zh": "起止"},
    "size": {"en": "times as many as expected [interval] #", "zh": "为预期的倍数 [区间] #"},
    "p": {"en": "p #", "zh": "p #"},
    "q": {"en": "q #", "zh": "q #"},
    "n": {"en": "messages #", "zh": "消息数 #"},
    "on_screen": {"en": "on screen (share of the time; in the whole video)", "zh": "画面内容（占时间；占全片）"},
    "said": {"en": "spoken", "zh": "台词"},
    "expressed": {
        "en": "expressed more or less than in the rest: points [interval]",
        "zh": "与其余部分相比表达得更多或更少：百分点 [区间]",
    },
    "machine_only": {"en": "{what} (machine, not validated)", "zh": "{what}（机器，未经验证）"},
    "none_marked": {"en": "nothing marked", "zh": "没有标记"},
    "none_differs": {"en": "no difference shown", "zh": "没有显示出差异"},
    "table_note": {
        "en": "scan.v1. Intervals hold for all stretches of a video at once. Codes: corrected shares inside a peak less those outside all peaks, where people coded enough of both and the interval leaves out zero; "
        "of {codes} codes, some do so by chance. Else the machine's two largest differences, not validated. q over videos: {q}. D for what was on screen and expressed.",
        "zh": "scan.v1。区间对视频内的所有时段同时成立。编码：峰值内与所有峰值之外的校正占比之差，仅当两处人工编码足够且区间不含零时给出；{codes} 个编码中总有一些出于偶然。否则给出机器的两个最大差异，未经验证。"
        "跨视频的 q：{q}。画面内容与表达内容为 D 层。",
    },
    "code_table": {"en": "Moments of single codes, as the machine counted them", "zh": "单个编码的时刻（机器计数）"},
    "code": {"en": "code", "zh": "编码"},
    "video": {"en": "video", "zh": "视频"},
    "code_ratio": {"en": "times as many as expected, machine, not validated #~", "zh": "为预期的倍数（机器，未经验证） #~"},
    "code_note": {
        "en": "scan.v1 on what the machine gave, q over all {series} series of codes. If the machine mistakes a fixed share of all messages for a code, every peak of messages is a peak of that code: look at the differences above.{left}",
        "zh": "对机器结果的 scan.v1，q 针对全部 {series} 个编码序列。如果机器把固定比例的消息误认为某编码，那么消息的每个峰值都会成为该编码的峰值：请看上表中的差异。{left}",
    },
    "left": {"en": " {n} more series were not scanned (`peaks.code_scans`).", "zh": " 另有 {n} 个序列未扫描（`peaks.code_scans`）。"},
}
