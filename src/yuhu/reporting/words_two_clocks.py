"""Words of the section on the video and the crowd."""

CROWD: dict[str, dict[str, str]] = {
    "title": {"en": "The video or the crowd", "zh": "是视频，还是人群"},
    "lead": {
        "en": "A message may answer the video, or the messages of others that are on screen at the same second. What the video draws is tied to media time; what is on screen grows "
        "while the video is out. Where views over time are known, cohorts of viewers who saw little of the others and who saw much tell the two apart. [A-within]",
        "zh": "一条消息可能是在回应视频，也可能是在回应同一秒屏幕上别人的消息。视频引出的消息系于媒体时间；屏幕上的消息则随发布时间增多。若知道播放量随时间的变化，看到很少与看到很多他人消息的观看批次就能把两者分开。[A-within]",
    },
    "limits": {
        "en": "The contagion share is an association, and rather an upper bound: if later viewers are other people than the first ones, and react more to the same moments, it is too large. "
        "Three checks of things that cannot have drawn a message must stay clean (messages of later viewers; those some 20 s later in the video; those about to appear), and the share must be the same "
        "once people who send one message and people who send several react in their own ways. They do not catch every change of the audience. Nothing here says that anybody felt what others wrote.",
        "zh": "传染占比是一种关联，更接近上界：如果后来的观众与最初的观众不同，并且对相同时刻反应更强，它就会过大。对三种不可能引出消息的事物的检查必须通过"
        "（后来观众的消息；视频中约 20 秒之后的消息；即将出现的消息），并且让只发一条与发多条消息的人各自反应后，占比必须不变。这些检查并不能发现观众的每一种变化。这里没有任何结论说明有人感受到了别人所写的内容。",
    },
    "separated": {
        "en": "{video}: {share} of {n} messages{interval} stand where messages of others were on screen, beyond what the video draws at the same second from those who saw none. [A-within]",
        "zh": "{video}：{n} 条消息中 {share}{interval} 出现在屏幕上有他人消息之处，超出视频在同一秒从未看到他人消息者那里引出的数量。[A-within]",
    },
    "planted": {
        "en": "Planted by the simulation: {share} of the danmaku are drawn by messages of others. The intervals of {held} of {of} separated video(s) hold it.",
        "zh": "模拟的设定：{share} 的弹幕由他人的消息引出。在可分离的 {of} 个视频中，有 {held} 个的区间包含该值。",
    },
    "refused": {
        "en": "{names}: what the video did and what the audience did cannot be separated. {why}.",
        "zh": "{names}：视频的作用与观众的作用无法分离。{why}。",
    },
    "and_more": {"en": " and {n} more", "zh": "等另外 {n} 个视频"},
    "few": {
        "en": "{videos} video(s) have fewer than 50 messages in media time: nothing was asked of them.",
        "zh": "{videos} 个视频带媒体时间的消息不足 50 条：未作分析。",
    },
    "interval": {"en": " [{low}, {high}]", "zh": " [{low}, {high}]"},
    "course": {"en": "{video}: drawn by the video, and by messages on screen", "zh": "{video}：由视频引出，与由屏幕上的消息引出"},
    "course_note": {
        "en": "All messages of each stretch, shared out by the model: a diagnostic, no interval. Peaks of the lower area are the video's own.",
        "zh": "每一段的全部消息，由模型分摊：仅供诊断，没有区间。下方区域的峰是视频自身的。",
    },
    "by_video": {"en": "drawn by the video", "zh": "由视频引出"},
    "by_audience": {"en": "drawn by messages on screen", "zh": "由屏幕上的消息引出"},
    "shares": {"en": "Contagion share by video", "zh": "各视频的传染占比"},
    "share": {"en": "contagion share [interval] #", "zh": "传染占比 [区间] #"},
    "segments": {"en": "with segments of people #", "zh": "区分人群后 #"},
    "excitation": {"en": "p without contagion #", "zh": "无传染时的 p #"},
    "checks": {"en": "p of placebo, control, lead #", "zh": "安慰剂、对照、提前检查的 p #"},
    "cohorts": {"en": "cohorts #", "zh": "批次 #"},
    "why": {"en": "why not", "zh": "为什么没有"},
    "codes": {"en": "By the machine's codes", "zh": "按机器编码"},
    "code_share": {"en": "machine, not validated: contagion share #~", "zh": "机器（未经验证）：传染占比 #~"},
    "codes_note": {
        "en": "Messages with a code drawn by visible messages with the same code. What the machine errs is not in it, so there is no interval.",
        "zh": "带某编码的消息由屏幕上带同一编码的消息引出的部分。其中不含机器的误差，因此没有区间。",
    },
    "posting": {"en": "Do messages follow messages? Times at which they were sent", "zh": "消息是否引出消息？按发送时间"},
    "posting_note": {
        "en": "Branching ratio of a Hawkes process over the baseline that the specification names: the share of messages that follow others within about the decay, beyond the baseline. An association in time: "
        "news, pushes by the platform and shared links look the same. “First” counts each person's first message only: what vanishes there is people who send several in a row. "
        "Without a bootstrap intervals are too narrow. Where the tests of fit reject (p at .025), the interval is left out.",
        "zh": "在设定的基线之上拟合的霍克斯过程的分支比：超出基线、在衰减时间内跟随其他消息的消息占比。这是时间上的关联：新闻、平台推送和分享链接看起来一样。“首条”只计每个人的第一条消息：在那里消失的，是一个人连发多条。"
        "没有自助法时区间过窄。拟合检验拒绝时（p 不大于 .025）不给区间。",
    },
    "branching": {"en": "branching ratio [interval] #", "zh": "分支比 [区间] #"},
    "first": {"en": "of first messages #", "zh": "仅首条 #"},
    "decay": {"en": "decay, seconds #", "zh": "衰减（秒） #"},
    "aic": {"en": "AIC gained #", "zh": "AIC 改善 #"},
    "fit": {"en": "p of fit: KS, Ljung-Box #", "zh": "拟合的 p：KS、Ljung-Box #"},
    "window": {"en": "messages fitted, hours #", "zh": "拟合的消息数、小时 #"},
    "only_first": {
        "en": "In {n} of {of} series nothing is left of it among the first messages of people: what follows is people who send several messages, unless first messages are too few to show more. [A-within]",
        "zh": "{of} 个序列中有 {n} 个在人们的首条消息中不再有任何跟随：跟随来自一个人连发多条，除非首条消息太少而看不出来。[A-within]",
    },
    "more": {"en": "The {shown} largest of {of} are shown.", "zh": "仅显示 {of} 个中最大的 {shown} 个。"},
    "plain": {"en": "no bootstrap", "zh": "无自助法"},
}
