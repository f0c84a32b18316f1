"""The words of reports in Chinese and English. Every text of a page comes from here or from the codebook."""

from collections.abc import Mapping

WORDS: dict[str, dict[str, str]] = {
    "report": {"en": "Report", "zh": "报告"},
    "constructed": {
        "en": "Constructed data: every message, person and number here was made by a simulation with a known truth. Nothing here is about real people.",
        "zh": "构造数据：本页的每条消息、每个人和每个数字都由已知真值的模拟生成，与真实的人无关。",
    },
    "findings": {"en": "At a glance", "zh": "一览"},
    "truth": {"en": "Planted truth, people, machine", "zh": "设定的真值、人工与机器"},
    "truth_lead": {
        "en": "The simulation knows what each message expresses. The machine's naive share is a count over all messages; people coded a random sample. Where the machine's share lies "
        "outside the people's interval, it misleads, and no number of messages mends that: the error does not shrink with n. People err too, "
        "and their errors are not in the interval; that is why reliability is measured.",
        "zh": "模拟知道每条消息表达了什么。机器的朴素占比是对全部消息的计数；人工只编码随机样本。机器占比落在人工区间之外时就会误导，而且消息再多也无济于事：这种误差不随 n 缩小。人也会错，而人的错误不在区间之内，所以才要测量信度。",
    },
    "prevalence": {"en": "What messages express", "zh": "消息表达了什么"},
    "prevalence_lead": {
        "en": "Shares of messages in which a code is expressed. Commenters and danmaku senders are not the audience, and what is expressed is not what is felt.",
        "zh": "表达某一编码的消息所占比例。评论者和弹幕发送者不等于观众，表达也不等于感受。",
    },
    "by_group": {"en": "By video, platform, language and region", "zh": "按视频、平台、语言与地区"},
    "by_group_lead": {
        "en": "Comparisons by language are by language, not by culture. Without a bridge set coded in both languages they are not established as comparable: a machine's error rates differ by language, and that alone can make a difference.",
        "zh": "按语言的比较只是按语言，不是按文化。没有双语桥接样本时，比较未被确立为可比：机器在不同语言上的错误率不同，仅此就能造成差异。",
    },
    "intensity": {"en": "Over media time", "zh": "沿媒体时间"},
    "intensity_lead": {
        "en": "Messages with a media time (danmaku), per step. Counts, not rates: without a retention curve nobody knows how many were watching at each moment, and an export that is capped keeps the newest messages.",
        "zh": "带媒体时间的消息（弹幕），按时间步计数。这是计数而非比率：没有留存曲线就不知道每一刻有多少人在看；被截断的导出只留下最新的消息。",
    },
    "attention": {"en": "Attention over time", "zh": "关注度随时间"},
    "attention_lead": {
        "en": "Rank and heat as the platform showed them. Heat is the platform's own index: comparable within one list, never across lists. What recommended these topics changed who saw them.",
        "zh": "平台显示的排名与热度。热度是平台自己的指数：只能在同一榜单内比较，不能跨榜单比较。推荐系统改变了谁会看到这些话题。",
    },
    "sample": {"en": "The sample", "zh": "样本"},
    "sample_lead": {"en": "What was imported, and what each file is.", "zh": "导入了什么，每个文件是什么。"},
    "limits": {"en": "What cannot be concluded", "zh": "不能得出的结论"},
    "methods": {"en": "Methods", "zh": "方法"},
    "codebook": {"en": "Codebook", "zh": "编码手册"},
    "code": {"en": "code", "zh": "编码"},
    "value": {"en": "value", "zh": "取值"},
    "machine": {"en": "machine", "zh": "机器"},
    "people": {"en": "people", "zh": "人工"},
    "corrected": {"en": "corrected by people", "zh": "经人工校正"},
    "corrected_share": {"en": "corrected: share [interval] #", "zh": "校正后：占比 [区间] #"},
    "corrected_covers": {"en": "corrected covers planted", "zh": "校正区间覆盖真值"},
    "corrected_note": {
        "en": "the machine's share of all messages plus its mean error on the units that people coded; where gold holds too little of a code, people alone.",
        "zh": "机器对全部消息的占比加上它在人工编码单位上的平均误差；黄金样本中某编码太少时，只用人工。",
    },
    "coder_quality": {"en": "How the machine errs", "zh": "机器如何出错"},
    "coder_rates": {"en": "Against people, of all messages", "zh": "与人工相比（针对全部消息）"},
    "coder_rates_rare": {"en": "Too rare in gold to judge", "zh": "黄金样本中太少，无法判断"},
    "coder_rates_note": {
        "en": "Rates of all messages that could be drawn, not of the sample; intervals at the study's level. Below 10 units there is no interval: n says how many there were.",
        "zh": "针对所有可能被抽中的消息，而非样本；区间采用研究设定的置信水平。不足 10 个单位时没有区间，n 为单位数。",
    },
    "precision": {"en": "precision", "zh": "精确率"},
    "recall": {"en": "recall", "zh": "召回率"},
    "f1": {"en": "F1", "zh": "F1"},
    "specificity": {"en": "specificity", "zh": "特异度"},
    "calibration_error": {"en": "calibration error", "zh": "校准误差"},
    "gold_positives": {"en": "units with the code, by people #", "zh": "人工认为有该编码的单位数 #"},
    "multiverse": {"en": "The same shares under each coder", "zh": "各编码器下的同一占比"},
    "contrasts": {"en": "Differences between groups", "zh": "组间差异"},
    "machine_difference": {"en": "machine alone, not validated: points #~", "zh": "仅机器（未经验证）：百分点 #~"},
    "corrected_difference": {"en": "corrected: points [interval] #", "zh": "校正后：百分点 [区间] #"},
    "difference_of_shares": {"en": "difference of shares", "zh": "占比之差"},
    "contrast_note": {
        "en": "Percentage points; each group is corrected by its own gold. The machine's own difference has no interval: it mixes a difference of messages with a difference of errors.",
        "zh": "单位为百分点；每组用各自的黄金样本校正。机器自己的差异没有区间：它把消息的差异与错误的差异混在一起。",
    },
    "contrast_drawn": {
        "en": "Rings: the machine alone. Dots with bars: corrected within each group. The first value of each code; the tables show all.",
        "zh": "圆环：仅机器。带线的点：在各组内校正后。图中是每个编码的第一个取值，表中列出全部。",
    },
    "planted": {"en": "planted", "zh": "真值"},
    "machine_share": {"en": "machine, not validated: share (count / n) #~", "zh": "机器（未经验证）：占比（计数 / n） #~"},
    "no_interval": {"en": "no interval", "zh": "没有区间"},
    "gold_share": {"en": "people: share [interval] #", "zh": "人工：占比 [区间] #"},
    "gold_n": {"en": "units coded #", "zh": "编码单位数 #"},
    "planted_share": {"en": "planted #", "zh": "真值 #"},
    "machine_error": {"en": "machine minus planted #", "zh": "机器减真值 #"},
    "by_language_truth": {
        "en": "By language: what was planted, what people found, what the machine says",
        "zh": "按语言：设定的真值、人工与机器",
    },
    "by_language_note": {
        "en": "A difference between languages that the machine shows and the planted shares do not is made by its unequal errors. Not established as comparable without a bridge set.",
        "zh": "机器显示而真值中不存在的语言差异，来自它在两种语言上不相等的错误。没有桥接样本，比较未被确立为可比。",
    },
    "yes": {"en": "yes", "zh": "是"},
    "no": {"en": "no", "zh": "否"},
    "rung": {"en": "claim rung", "zh": "论断层级"},
    "method": {"en": "method", "zh": "方法"},
    "group": {"en": "group", "zh": "组"},
    "file": {"en": "file", "zh": "文件"},
    "format": {"en": "taken for", "zh": "识别为"},
    "seen": {"en": "seen #", "zh": "读到 #"},
    "kept": {"en": "kept #", "zh": "保留 #"},
    "rejected": {"en": "rejected #", "zh": "拒收 #"},
    "remarks": {"en": "remarks", "zh": "说明"},
    "platform": {"en": "platform", "zh": "平台"},
    "kind": {"en": "kind", "zh": "类型"},
    "language": {"en": "language", "zh": "语言"},
    "region": {"en": "region", "zh": "地区"},
    "video": {"en": "video", "zh": "视频"},
    "all": {"en": "all", "zh": "全部"},
    "subject": {"en": "topic or video", "zh": "话题或视频"},
    "metric": {"en": "metric", "zh": "指标"},
    "best": {"en": "best value #", "zh": "最佳值 #"},
    "when": {"en": "at", "zh": "时间"},
    "observations": {"en": "observations #", "zh": "观测数 #"},
    "n": {"en": "n #", "zh": "n #"},
    "step": {"en": "busiest steps (messages)", "zh": "消息最多的时间步（条数）"},
    "messages": {"en": "messages", "zh": "消息数"},
    "share": {"en": "share of messages", "zh": "消息占比"},
    "media_time": {"en": "media time, minutes", "zh": "媒体时间（分钟）"},
    "time": {"en": "time", "zh": "时间"},
    "rank": {"en": "rank", "zh": "排名"},
    "heat": {"en": "heat", "zh": "热度"},
    "rows": {"en": "messages #", "zh": "消息数 #"},
    "definition": {"en": "definition", "zh": "定义"},
    "hatched": {"en": "machine only: not validated", "zh": "仅机器编码，未经验证"},
    "hatched_note": {
        "en": "Hatched: the machine's count over all messages, not validated, no interval. Dots with bars: people on a random sample, and the machine's share corrected by it, with intervals.",
        "zh": "斜线：机器对全部消息的计数，未经验证，没有区间。带线的点：人工编码的随机样本，以及据此校正的机器占比，均带区间。",
    },
    "diamond_note": {"en": "Diamonds: the planted truth.", "zh": "菱形：设定的真值。"},
    "intensity_note": {
        "en": "Grey: all messages in each step. Hatched: those in which the machine found affective empathy (not validated).",
        "zh": "灰色：每一步的全部消息。斜线：机器认为表达情感共情的消息（未经验证）。",
    },
    "attention_note": {
        "en": "Rank 1 is on top. Points are observations; lines join observations of one topic, and break where it was off the list.",
        "zh": "第 1 名在最上方。点为观测，线连接同一话题的观测，话题离榜处断开。",
    },
    "none_yet": {"en": "Nothing to show: the study holds no data for this section.", "zh": "没有可显示的内容：研究中没有这一部分的数据。"},
    "suppressed": {"en": "suppressed", "zh": "已隐去"},
    "undefined": {"en": "undefined", "zh": "无定义"},
    "first_values": {
        "en": "The figure shows each code's first value; the tables show all.",
        "zh": "图中显示每个编码的第一个取值，表中列出全部。",
    },
}

FINDING = {
    "machine": {
        "en": "Of {n} messages, {share} ({count}) were coded by the machine as expressing {code}. No interval: {why}. [{rung}]",
        "zh": "在 {n} 条消息中，机器将 {share}（{count} 条）编码为表达“{code}”。没有区间：{why}。[{rung}]",
    },
    "gold": {
        "en": "People found {code} expressed in {share} of messages, {confidence} interval {low} to {high} (n = {n_gold} coded, {target}). [{rung}]",
        "zh": "人工编码认为 {share} 的消息表达“{code}”，{confidence} 区间 {low} 至 {high}（编码 n = {n_gold}，{target}）。[{rung}]",
    },
}

FINDING["corrected"] = {
    "en": "{code} is expressed in {share} of {n} messages, {confidence} interval {low} to {high} ({coder}, corrected by n = {n_gold} that people coded, {target}). [{rung}]",
    "zh": "{n} 条消息中 {share} 表达“{code}”，{confidence} 区间 {low} 至 {high}（{coder} 编码，经人工编码的 n = {n_gold} 校正，{target}）。[{rung}]",
}

FINDING["gold_only"] = {
    "en": "People found {code} expressed in {share} of the {n_gold} units they coded. No interval: {why}. [{rung}]",
    "zh": "人工编码的 {n_gold} 个单位中，{share} 表达“{code}”。没有区间：{why}。[{rung}]",
}

QUALITY = {
    "lead": {
        "en": "What {coder} says, against what most people say of the units that they coded. Precision: how often it is right when it sees a code. Recall: how many it finds. "
        "These rates describe the coder; they correct nothing by themselves, and hold for these messages only. [D]",
        "zh": "{coder} 的编码与多数人工编码的比较。精确率：它认为有某编码时有多少是对的。召回率：它找到了多少。这些比率描述编码器，本身不校正任何数字，也只适用于这些消息。[D]",
    },
    "unequal": {
        "en": "Where a machine errs more in one group than in another, its shares of both must not be compared uncorrected. Of {n} tests of equal recall and specificity, the clearest differences:",
        "zh": "如果机器在一组中比另一组更常出错，未经校正的两组占比不可比较。在 {n} 个召回率与特异度相等的检验中，最明显的差异是：",
    },
    "equal": {
        "en": "In {n} tests of equal recall and specificity across groups none came below p = .05. That is no proof that they are equal: look at the intervals.",
        "zh": "在 {n} 个各组召回率与特异度相等的检验中，没有一个 p 低于 .05。这不能证明它们相等：请看区间。",
    },
    "groups": {"en": "{rate} of {code} by {by}: {groups} (p {p})", "zh": "{code} 的{rate}，按{by}：{groups}（p {p}）"},
    "multiverse": {
        "en": "{n} machine coders coded this study. Where their corrected shares agree, nothing hangs on the choice between them; what they count alone may differ as it likes. [D]",
        "zh": "本研究由 {n} 个机器编码器编码。校正后的占比一致之处，结论不取决于选用哪一个；各自的计数则可能大不相同。[D]",
    },
    "multiverse_machines": {
        "en": "{n} machine coders coded this study, and people have coded no probability sample: nobody knows which of them is right. [D]",
        "zh": "本研究由 {n} 个机器编码器编码，但没有人编码过概率样本：无从得知哪一个是对的。[D]",
    },
}

CONTRAST = {
    "lead": {
        "en": "By how many percentage points a share in the first group differs from that in the second. Of {n} differences with an interval, {apart} intervals leave out zero; "
        "about {chance} would by chance alone if there were no difference at all. None says why groups differ: who comments, what the platform shows and what was exported differ as well. [D]",
        "zh": "第一组的占比比第二组高多少个百分点。{n} 个有区间的差异中，{apart} 个区间不含零；即使完全没有差异，单凭偶然也会有约 {chance} 个。"
        "差异的原因不在其中：评论者是谁、平台展示什么、导出了什么都不相同。[D]",
    },
    "sentence": {
        "en": "{first} against {second}: the share of messages with {code} ({value}) differs by {points} points [{low}, {high}], each side corrected by its own gold; {n_gold} gold units, {target}. [{rung}]",
        "zh": "{first} 与 {second} 相比：表达“{code}（{value}）”的消息占比相差 {points} 个百分点 [{low}, {high}]，两侧各用自己的黄金样本校正；黄金样本 {n_gold} 个单位，{target}。[{rung}]",
    },
}

TARGET = {
    "corpus": {"en": "inference to the messages at hand", "zh": "推断至现有消息"},
    "superpopulation": {"en": "inference to works like these", "zh": "推断至同类作品"},
}

LIMITS = {
    "one_case": {
        "en": "These are {works} independent work(s). One case yields hypotheses; it does not show that a strategy works elsewhere.",
        "zh": "这里只有 {works} 部独立作品。一个案例产生假设，不能说明某种策略在别处有效。",
    },
    "machine_only": {
        "en": "No person coded a probability sample, so no share here has a known error. Draw and code a gold sample before quoting any of them.",
        "zh": "没有人编码过概率样本，因此这里的占比误差未知。引用之前，请先抽取并编码黄金样本。",
    },
    "corpus": {
        "en": "Intervals cover the sampling of gold units from the messages at hand, and nothing beyond them.",
        "zh": "区间只涵盖从现有消息中抽取黄金样本的误差，不涉及其他。",
    },
    "superpopulation": {
        "en": "Intervals speak of works like these, as far as these works are a sample of them.",
        "zh": "区间针对同类作品，前提是这些作品可视为其样本。",
    },
    "truncated": {"en": "{file}: {why}.", "zh": "{file}：{why}。"},
    "order": {
        "en": "Of {files} file(s) it is not known in which order the platform gave the messages. If it showed the hottest first, shares do not describe all comments.",
        "zh": "有 {files} 个文件不知道平台按什么顺序给出消息。若先给最热的，占比就不能描述全部评论。",
    },
    "abstained": {
        "en": "{n} messages are in languages without terms ({languages}); the machine abstained, and they are outside every share.",
        "zh": "{n} 条消息的语言没有词表（{languages}）；机器弃权，它们不在任何占比之内。",
    },
    "special": {
        "en": "{n} special danmaku (code or positioned text) are kept and coded by nobody.",
        "zh": "{n} 条特殊弹幕（代码或定位文本）保留但不编码。",
    },
    "left_out": {
        "en": "{n} messages are left out of every share and count, because study.yaml says so ({rules}). The shares are of the other messages only.",
        "zh": "按 study.yaml 的设置，{n} 条消息（{rules}）不在任何占比与计数之内；占比只针对其余消息。",
    },
    "rejected": {
        "en": "{n} records were rejected: not understood, or in the study already. Each is counted with place and reason.",
        "zh": "{n} 条记录被拒收：无法识别，或研究中已有。每条都记有位置与原因。",
    },
    "media": {
        "en": "Without a retention curve, counts over media time mix how many watched with how many answered.",
        "zh": "没有留存曲线时，沿媒体时间的计数混合了观看人数与回应人数。",
    },
    "rung": {
        "en": "Every statement is on rung D, described: none of them says that anything caused anything.",
        "zh": "每个陈述都在 D 层（描述）：没有一个说明因果。",
    },
    "rungs": {
        "en": "Each statement names its claim rung (here: {rungs}). D describes; A-within and A-between say what went together within videos and between them. On these rungs nothing says that anything caused anything.",
        "zh": "每条陈述都注明其论断层级（此处有：{rungs}）。D 为描述；A-within 与 A-between 表示在视频之内或视频之间同时出现。在这些层级上，没有一条说明何者导致何者。",
    },
}


def word(key: str, lang: str) -> str:
    """A word or sentence in a language."""
    return WORDS[key][lang]


def phrase(table: Mapping[str, Mapping[str, str]], key: str, lang: str, **parts: object) -> str:
    """A sentence with its parts filled in."""
    return table[key][lang].format(**parts)
