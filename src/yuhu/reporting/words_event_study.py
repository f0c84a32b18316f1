"""Words of the section on what followed strategies."""

FOLLOWED: dict[str, dict[str, str]] = {
    "title": {"en": "What was followed by more responses", "zh": "哪些内容之后回应更多"},
    "lead": {
        "en": "How much more often danmaku senders wrote {from_s} to {to_s} s after something was shown than just before it, net of how responses rise and fall over the video, and of everything else that was marked. "
        "A lift of 1.5 is half as many again; of a code, half as large a share again. Tests compare with the same segments shown at any other time of the same video; p is adjusted for all {tests} combinations of what was shown and what was looked for, so that a chance of 5 % stands for any false finding among all of them. [A-within]",
        "zh": "某内容出现后 {from_s} 至 {to_s} 秒内，弹幕发送者写弹幕的频率是出现之前的多少倍；已除去回应随视频位置的起伏以及其他已标记内容的影响。增量 1.5 即多出一半；对编码而言，即占比高出一半。"
        "检验与同一视频中把这些片段移到任何其他时刻的情形相比；p 已针对全部 {tests} 个“内容 × 回应”组合校正，即全部组合中出现任何一个虚假发现的概率为 5 %。[A-within]",
    },
    "found": {
        "en": "{strategy} was followed by {lift} times as many {what}{interval}, p {p} (adjusted); {onsets} times shown, in {videos} videos of {cases} independent case(s){echo}. [A-within]",
        "zh": "“{strategy}”之后，{what}是之前的 {lift} 倍{interval}，校正后 p {p}；共出现 {onsets} 次，{videos} 个视频，{cases} 个独立案例{echo}。[A-within]",
    },
    "found_echo": {"en": "; {lift} without messages that repeat a line", "zh": "；不计重复台词的消息时为 {lift} 倍"},
    "nothing": {
        "en": "No lift stands after the adjustment for all {tests} tests. That is no proof that there is none: the intervals say which lifts are still possible. [A-within]",
        "zh": "针对全部 {tests} 个检验校正后，没有一个增量成立。这并不证明没有增量：区间说明哪些增量仍有可能。[A-within]",
    },
    "planted": {
        "en": "Planted by the simulation: messages answer {answered} of the strategies tested; a lift stands for {hit} of them{hits}, and for the others none{missed}. "
        "Of the {others} that nothing answers, a lift stands for {false}{falses}.",
        "zh": "模拟的设定：受检策略中有 {answered} 种会引来消息回应，其中 {hit} 种的增量成立{hits}，其余未成立{missed}；不会引来回应的 {others} 种中，增量成立的有 {false} 种{falses}。",
    },
    "names": {"en": " ({names})", "zh": "（{names}）"},
    "limits": {
        "en": "This is an association within these works. Whatever else happens at the same moments has the same lift: music that swells with every homecoming cannot be told from the homecoming. More messages are not more feeling; who writes is not who watches; "
        "and episodes of one series are one case, which gives a hypothesis and no rule. To know what a strategy does, show two versions.",
        "zh": "这只是这些作品内部的关联。同一时刻发生的其他事情具有同样的增量：如果每次归家都伴随音乐推升，两者就无法区分。消息更多不等于感受更强，写的人不等于看的人；同一系列的各集只算一个案例，"
        "只能提出假设，不能得出规律。要知道某种策略的作用，需要展示两个版本。",
    },
    "machine_limits": {
        "en": "Lifts of codes are the machine's where no corrected one stands beside them: if it finds a code more readily after a strategy, because words of the scene are in its lexicon, that alone makes a lift.",
        "zh": "没有校正值的编码增量只是机器的：如果机器在某策略之后更容易认出某编码（例如台词本身就在词表中），仅此就会造成增量。",
    },
    "messages": {"en": "messages", "zh": "消息"},
    "messages_with": {"en": "messages with {code}", "zh": "表达“{code}”的消息"},
    "share_of": {"en": "share of messages with {code}", "zh": "表达“{code}”的消息占比"},
    "found_share": {
        "en": "{strategy} was followed by {lift} times the {what}{interval}, p {p} (adjusted); {onsets} times shown, in {videos} videos of {cases} independent case(s){echo}. [A-within]",
        "zh": "“{strategy}”之后，{what}是之前的 {lift} 倍{interval}，校正后 p {p}；共出现 {onsets} 次，{videos} 个视频，{cases} 个独立案例{echo}。[A-within]",
    },
    "forest": {"en": "Lifts after what was shown", "zh": "内容出现之后的增量"},
    "forest_note": {
        "en": "Dots with bars: interval of the shift test, for codes corrected by people as well. Rings: the machine alone, not validated. Which lifts stand for all tests together says the adjusted p in the table.",
        "zh": "带线的点：平移检验的区间，编码的增量另经人工校正。圆环：仅机器，未经验证。是否成立请看表中校正后的 p。",
    },
    "lift": {"en": "lift (after by before)", "zh": "增量（之后与之前之比）"},
    "strategy": {"en": "what was shown", "zh": "出现的内容"},
    "lift_interval": {"en": "lift [interval] #", "zh": "增量 [区间] #"},
    "machine_lift": {"en": "machine, not validated: lift #~", "zh": "机器（未经验证）：增量 #~"},
    "corrected_lift": {"en": "corrected: lift [interval] #", "zh": "校正后：增量 [区间] #"},
    "without": {"en": "without echoes #", "zh": "不含回声 #"},
    "without_machine": {"en": "without echoes, machine #~", "zh": "不含回声（机器） #~"},
    "adjusted": {"en": "p, adjusted #", "zh": "校正后 p #"},
    "predictive": {"en": "a new work would show #", "zh": "新作品的预测区间 #"},
    "between": {"en": "between works: SD of log lift, I² #", "zh": "作品间：对数增量标准差，I² #"},
    "onsets": {"en": "times shown #", "zh": "出现次数 #"},
    "videos": {"en": "videos #", "zh": "视频数 #"},
    "cases": {"en": "cases #", "zh": "案例数 #"},
    "note": {
        "en": "Cases: episodes of one series and uploads of one work are one. The prediction is for another work like these; with fewer than 5 works there is none. Echoes: messages that repeat a line of the last or next 10 s.",
        "zh": "案例：同一系列的各集、同一作品的多次上传都只算一个。预测针对同类的另一部作品；不足 5 部时没有。回声：重复前后 10 秒内台词的消息。",
    },
    "echo_share": {
        "en": "{share} of the messages in {videos} videos with known lines repeat a line.",
        "zh": "在已知台词的 {videos} 个视频中，{share} 的消息重复台词。",
    },
    "echo_none": {"en": "Lifts without echoes: {why}.", "zh": "不含回声的增量：{why}。"},
    "lags": {"en": "How long after", "zh": "隔了多久"},
    "lags_note": {
        "en": "Rate of messages at each second after the onset, by the rate 5 to 1 s before it; bands are pointwise and hold at each second, not for the curve as a whole. Without a band: fewer than 8 videos.",
        "zh": "开始之后每一秒的消息频率与之前 5 至 1 秒的频率之比；带状区间逐点成立，不针对整条曲线。没有带状区间：视频不足 8 个。",
    },
    "lag_axis": {"en": "seconds after the onset", "zh": "开始之后的秒数"},
    "mean_lag": {
        "en": "Mean lag of the response after {strategy}: {value} s{interval}.",
        "zh": "“{strategy}”之后回应的平均延迟：{value} 秒{interval}。",
    },
    "doses": {"en": "More of it, more responses?", "zh": "越强，回应越多吗？"},
    "dose": {"en": "intensity: lift", "zh": "强度：增量"},
    "dose_slope": {"en": "per step: times #", "zh": "每级的倍数 #"},
    "dose_p": {"en": "p of the slope #", "zh": "斜率的 p #"},
    "dose_shape": {"en": "describes best", "zh": "最合适的形状"},
    "dose_note": {
        "en": "A comparison of stronger with weaker moments of these works, never the effect of a dose. Lifts by intensity have no interval.",
        "zh": "只是这些作品中较强与较弱时刻的比较，不是剂量的作用。各强度的增量没有区间。",
    },
    "step": {"en": "there or not", "zh": "有或无"},
    "linear": {"en": "a line", "zh": "直线"},
    "levels": {"en": "each level its own", "zh": "各级不同"},
    "interval": {"en": " [{low}, {high}]", "zh": " [{low}, {high}]"},
}
