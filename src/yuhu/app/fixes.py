"""What helps, said for people in front of a page: where a command line has a command, a page has a button.

Pages and buttons are called as in ``ui/src/words``.
"""

from collections.abc import Mapping

from yuhu.core.templates import Templates

Word = tuple[str, str]
"""In English, in Chinese."""

_OPERATOR: Word = (
    "This is for whoever runs the workbench: the command below is for their terminal.",
    "这要由运行工作台的人处理：下方的命令在其终端中使用。",
)
_ADD: Word = ("Add files with messages: Set up, Files.", "请加入含消息的文件：“设置”页的“文件”。")
_AGAIN: Word = ("Load the page again: what it showed is out of date.", "请重新加载页面：所显示的内容已过时。")
_COLUMNS: Word = (
    "Say what the columns are: under the file on Set up, Files, each column has a list of meanings. Or export the file again.",
    "请说明各列的含义：“设置”页“文件”中，该表的每一列都有可选的含义。也可以重新导出文件。",
)
_CODE_AGAIN: Word = (
    "Have the machine code again: Set up, Machines and results, Have it code.",
    "请让机器重新编码：“设置”页“机器与结果”中的“开始编码”。",
)
_MEASURE: Word = ("Measure again: Set up, Machines and results, Measure.", "请重新测量：“设置”页“机器与结果”中的“测量”。")
_DRAW: Word = (
    "Draw a sample and have it coded: Set up, People and samples, Draw.",
    "请抽取样本并完成编码：“设置”页“人员与抽样”中的“抽取”。",
)
_CODER: Word = ("Add the coder: Set up, People and samples, Add a coder.", "请添加编码员：“设置”页“人员与抽样”中的“添加编码员”。")
_SETTING: Word = (
    "Change it under Set up, Machines and results: settings are one name=value a line.",
    "请在“设置”页“机器与结果”中修改：设置每行一个 name=value。",
)
_CHOOSE: Word = ("Choose one of those that the page offers.", "请选用页面上列出的一项。")
_MARK: Word = (
    "Mark it again, within the video and apart from the other stretches of this layer.",
    "请重新标记：不超出视频，也不与本层其他片段重叠。",
)

OF_CODE: Mapping[str, Word] = {
    "YH101": ("Export or download the file again, and drop the new one.", "请重新导出或下载该文件，再拖入新文件。"),
    "YH102": _COLUMNS,
    "YH103": (
        "If it is a table, save it as CSV or .xlsx with names in the first line: its columns can then be explained on this page. Else export it in another format.",
        "若是表格，请存为首行为列名的 CSV 或 .xlsx：之后可在此页说明各列。否则请换一种格式导出。",
    ),
    "YH104": (
        "Drop the export itself: a text, a table, or a .zip, .gz or .zst of them.",
        "请拖入导出文件本身：文本、表格，或其 .zip、.gz、.zst 压缩包。",
    ),
    "YH105": ("Save the file as UTF-8, and drop it again.", "请将文件另存为 UTF-8，再重新拖入。"),
    "YH106": ("Export or download the file again, and drop the new one.", "请重新导出或下载该文件，再拖入新文件。"),
    "YH107": ("Fill in the time zone below the table, for example Asia/Shanghai.", "请在表格下方填写时区，例如 Asia/Shanghai。"),
    "YH108": ("Correct what is said of the file on Set up, Files.", "请在“设置”页“文件”中更正对该文件的说明。"),
    "YH109": (
        "Find out where the file comes from. If you trust it, unpack it and drop what is in it.",
        "请弄清文件的来源。若可信，请先解压，再拖入其中的内容。",
    ),
    "YH110": (
        "Check that the file opens on your machine and nothing writes to it, and drop it again.",
        "请确认该文件在你的机器上能打开、没有程序在写入，再重新拖入。",
    ),
    "YH201": _OPERATOR,
    "YH202": _OPERATOR,
    "YH203": ("Wait until the work that is under way has ended, then try again.", "请等正在进行的任务结束后再试。"),
    "YH204": ("Whoever runs the workbench has to upgrade Yuhu.", "请运行工作台的人升级 Yuhu。"),
    "YH205": ("Whoever runs the workbench has to restore the study from a backup.", "请运行工作台的人从备份恢复本研究。"),
    "YH206": (
        "Whoever runs the workbench has to correct study.yaml in the study's folder.",
        "请运行工作台的人改正研究文件夹中的 study.yaml。",
    ),
    "YH207": _ADD,
    "YH208": _OPERATOR,
    "YH209": (
        "Make room on the disk of the machine that runs the workbench, then try again: nothing was changed.",
        "请在运行工作台的机器上腾出磁盘空间后再试：研究没有改变。",
    ),
    "YH210": (
        "Whoever runs the workbench has to correct moments.yaml in the study's folder.",
        "请运行工作台的人改正研究文件夹中的 moments.yaml。",
    ),
    "YH302": _CHOOSE,
    "YH303": _CHOOSE,
    "YH304": ("Correct the values, or leave them out.", "请更正这些取值，或略去。"),
    "YH305": _MARK,
    "YH401": ("Correct the lines that the findings name: a press on one goes there.", "请改正所列各行：点击一条即可跳到该行。"),
    "YH402": _CODE_AGAIN,
    "YH403": ("Raise the version number in the codebook's text as shown.", "请按所示提高编码手册原文中的版本号。"),
    "YH404": (
        "If it is meant, tick that you know which codings will no longer count, and press the button again.",
        "若确实如此，请勾选“我知道哪些编码将不再计入”，再按一次按钮。",
    ),
    "YH501": _CODE_AGAIN,
    "YH502": _OPERATOR,
    "YH503": ("Correct the answer, and save it again.", "请改正作答后重新保存。"),
    "YH504": _CODE_AGAIN,
    "YH505": _CODER,
    "YH506": ("Do first what is missing; the page Agree shows how far each code is.", "请先完成所缺的步骤；“一致性”页显示各编码的进度。"),
    "YH507": _AGAIN,
    "YH508": _SETTING,
    "YH509": _DRAW,
    "YH510": ("Work out first what it would send and cost, then press Have it code.", "请先计算会发送什么、花费多少，再按“开始编码”。"),
    "YH511": (
        "Check server, model and key in the settings of the machine, then run it again: what was answered is kept.",
        "请检查机器设置中的服务器、模型和密钥，再次运行：已得到的回答会保留。",
    ),
    "YH512": (
        "Run it again to go on, with the same cap or a higher one: what was answered is kept and costs nothing again.",
        "请以相同或更高的上限再次运行：已得到的回答会保留，不再计费。",
    ),
    "YH513": _AGAIN,
    "YH601": ("Choose Chinese or English.", "请选择中文或英文。"),
    "YH602": _MEASURE,
    "YH603": _CHOOSE,
    "YH701": _AGAIN,
    "YH702": ("Sign in, or open the address of the workbench again.", "请登录，或重新打开工作台的地址。"),
    "YH703": ("Ask a lead of the study.", "请联系本研究的负责人。"),
    "YH704": _AGAIN,
    "YH705": ("Send less at once, or leave out what is not needed.", "请减少一次发送的内容，或去掉不需要的部分。"),
    "YH706": ("Wait as long as shown, then try again.", "请等待所示的时间后再试。"),
    "YH707": _OPERATOR,
    "YH708": ("Choose another one.", "请换一个。"),
    "YH709": (
        "Once the workbench runs again, press Run again under Work: what is finished is kept.",
        "工作台重新运行后，请按“任务”中的“再次运行”：已完成的部分会保留。",
    ),
    "YH902": ("Press Run again under Work to go on: what is finished is kept.", "请按“任务”中的“再次运行”继续：已完成的部分会保留。"),
    "YH903": ("Try again. If it happens again, report it with the text below.", "请再试一次。若再次发生，请连同下方的文字一起反馈。"),
}
"""For each error that can reach a page."""

OF_SENTENCE: Mapping[str, Word] = {
    "`{0}` is an Office file of the old kind": ("Save it as .xlsx or CSV, and drop that.", "请另存为 .xlsx 或 CSV，再拖入。"),
    "`{0}` is encrypted": ("Unpack it with its password, and drop what is in it.", "请用密码解压，再拖入其中的内容。"),
    "`{0}` is one JSON document of {1} GiB": (
        "Export it as JSON lines (.jsonl), which are read piece by piece.",
        "请导出为逐行 JSON（.jsonl），可分段读取。",
    ),
    "positions are shares of the video, and its length is not told": (
        "Save the positions in seconds: a column `position (s)`.",
        "请以秒为单位保存位置：列名 `position (s)`。",
    ),
    "the unit of the positions is not told": (
        "Call the column `position (%)` or `position (s)`.",
        "请将列命名为 `position (%)` 或 `position (s)`。",
    ),
    "counts need a date": ("Put the day into the file's name: views-2023-08-30.csv.", "请把日期写进文件名：views-2023-08-30.csv。"),
    "no unit was coded by two coders": (
        "Draw a sample for reliability that several people code: Set up, People and samples, Draw.",
        "请抽取由多人编码的信度检验样本：“设置”页“人员与抽样”中的“抽取”。",
    ),
    "there are no units to draw": (
        "All units that can be drawn were drawn before: add files, or take other strata.",
        "可抽取的单元此前都已抽过：请加入文件，或改变分层。",
    ),
    "neyman allocation needs a code to go by": (
        "Tick one code under Which codes, or choose another allocation.",
        "请在“哪些编码”下勾选一个编码，或改用其他分配方式。",
    ),
    "which code is to be enriched?": ("Tick the code under Which codes.", "请在“哪些编码”下勾选该编码。"),
    "of which code is the predicted label?": ("Tick the code under Which codes.", "请在“哪些编码”下勾选该编码。"),
    "the sample cannot have this size": ("Choose a size within what can be drawn, as shown.", "请选择可抽取范围内的条数，如下所示。"),
    "{0} does not say how sure it is": (
        "Take the predicted label as a stratum, without the confidence.",
        "请只按机器标签分层，不按把握程度。",
    ),
    "sample `{0}` exists": ("Choose another name: chances once drawn are never changed.", "请换一个名称：抽取概率一经抽出便不再改变。"),
    "the half width lies outside (0, .5)": (
        "Give more than 0 and less than 50 percentage points.",
        "请填写大于 0、小于 50 个百分点的精度。",
    ),
    "costs are for both, and above 0": ("Give both costs, or none.", "请同时给出两种成本，或都不给。"),
    "this version number names another content already": (
        "Raise the version number: this one was used before.",
        "请提高版本号：这个版本号已用过。",
    ),
    "the codebook changed since it was opened here": (
        "Open it again, and take your changes over: somebody else has changed it.",
        "请重新打开，并把你的改动移过去：其他人改动了它。",
    ),
    "no sample is called `{0}`": _DRAW,
    "nothing is assigned to {0}": (
        "A lead draws a sample and names this coder: Set up, People and samples, Draw.",
        "请负责人抽取样本并指定这位编码员：“设置”页“人员与抽样”中的“抽取”。",
    ),
    "too few coders read the language of a unit": (
        "Add coders who read it, or say of those that are there what they read: Set up, People and samples.",
        "请添加能读该语言的编码员，或更正现有编码员能读的语言：“设置”页“人员与抽样”。",
    ),
    "`{0}` is no code of a language": ("Write codes such as zh or en, with commas between them.", "请填写 zh、en 之类的代码，以逗号分隔。"),
    "`{0}` is too long": ("Write less.", "请写短一些。"),
    "the note is too long": ("Write a shorter note.", "请缩短备注。"),
    "`{0}` is the name of a machine coder": ("Choose another name.", "请换一个名称。"),
    "this is no name for a coder": ("Choose a short name or a pseudonym, such as anna or C1.", "请用简短的名称或化名，例如 anna 或 C1。"),
    "this name differs from a known one only in case or width": (
        "Use the name that is there, or one that differs more.",
        "请沿用已有的名称，或换一个差别更大的。",
    ),
    "the codebook has no example that {0} reads": ("Add examples in this language to the codebook.", "请在编码手册中加入这种语言的例子。"),
    "no task of this coder has this key": _AGAIN,
    "no keyed unit has this key": _AGAIN,
    "this keyed unit is not open": _AGAIN,
    "this unit is not assigned to this coder": _AGAIN,
    "this unit was taken out of the study": _AGAIN,
    "the study has no such video": _CHOOSE,
    "`{0}` is not answered": ("Answer it, or leave it as undecided.", "请作答，或标为无法判断。"),
    "`{0}` and `{1}` may not stand together": ("Take one of the two back.", "请撤回其中一个。"),
    "the evidence for `{0}` lies outside the text": ("Mark the evidence in the text again.", "请在文本中重新标出依据。"),
    "the evidence lies outside the text": ("Mark the evidence in the text again.", "请在文本中重新标出依据。"),
    "the evidence is missing": ("Mark in the text what shows it.", "请在文本中标出依据。"),
    "a stretch is empty or leaves the video": _MARK,
    "two stretches of `{0}` overlap": _MARK,
    "this stretch is marked already": ("Change the value of the one that is there.", "请改变已有片段的取值。"),
    "where this video ends is not known": ("Say how long the video is, below, or open its file.", "请在下方填写视频时长，或打开视频文件。"),
    "nobody coded this message for this code as it is defined now": ("Choose one of the list.", "请从列表中选择。"),
    "this unit was not coded by two people": ("Choose one of the list.", "请从列表中选择。"),
    "agreement on `{0}` was not measured yet": ("Measure it first: Agree, Measure agreement.", "请先测量：“一致性”页的“测量一致性”。"),
    "a decision needs words and a name": ("Say who decided, and why.", "请写明由谁决定、为什么。"),
    "an adjudication needs a name and a reason": ("Say who decided, and why.", "请写明由谁裁定、为什么。"),
    "nobody is named for this decision": ("Say who decided.", "请写明由谁决定。"),
    "you have still to code this message yourself": ("Code it first, on the page Code.", "请先在“编码”页完成这条消息。"),
    "`{0}` cannot name codings": ("Use small letters, digits, - and _.", "请用小写字母、数字、- 和 _。"),
    "a page may only name variables of keys": (
        "Name an environment variable that ends in _API_KEY; others can be used in a terminal only.",
        "请填写以 _API_KEY 结尾的环境变量；其他变量只能在终端中使用。",
    ),
    "the environment variable {0} holds no key": (
        "Whoever runs the workbench sets this variable before starting it.",
        "请运行工作台的人在启动之前设置这个环境变量。",
    ),
    "option `server` holds more than an address": (
        "Leave the key out of the address; name its environment variable as key_env.",
        "请勿把密钥写进地址；用 key_env 指明其环境变量。",
    ),
    "the extra llm is not installed": _OPERATOR,
    "transformer models need the extra `transformer`": _OPERATOR,
    "model `{0}` is not on this machine": _OPERATOR,
    "there are no results to report": (
        "Measure first: Set up, Machines and results, Measure.",
        "请先测量：“设置”页“机器与结果”中的“测量”。",
    ),
    "the codebook changed after these results were made": _MEASURE,
    "no account has this name and password": ("Try again, or ask a lead for a new password.", "请再试一次，或向负责人索取新密码。"),
    "this is not your present password": ("Try again, or ask a lead for a new password.", "请再试一次，或向负责人索取新密码。"),
    "this is no password": ("Take several words, for example.", "例如，可以用几个词。"),
    "this password is guessed at once": ("Take several words that do not belong together.", "请用几个彼此无关的词。"),
    "the team would have no lead": ("Give the role lead to another account first.", "请先把负责人角色交给另一个账户。"),
    "this is another coder's desk": ("Open your own, on the page Code.", "请在“编码”页打开你自己的工作区。"),
    "the workbench is not served under this name": _OPERATOR,
    "the front end was not built": _OPERATOR,
    "this workbench has no accounts": _OPERATOR,
    "a file is no longer here": ("Drop it on the page again.", "请重新拖入该文件。"),
    "the file is too large": (
        "Split it, or have whoever runs the workbench add it in a terminal.",
        "请拆分文件，或由运行工作台的人在终端中加入。",
    ),
    "no file of this video is at hand": (
        "Choose the video's file on this page: it stays in this browser.",
        "请在此页选择该视频的文件：只在本浏览器中打开。",
    ),
    "this job cannot be run again": ("Start it anew with its own button.", "请用相应的按钮重新开始。"),
}
"""For sentences that need something else than the others of their code."""

_SENTENCES = Templates(OF_SENTENCE)


def fix(code: str, problem: str) -> Word:
    """What helps against an error, in English and in Chinese; two empty texts for an error that no page is prepared for."""
    found = _SENTENCES.of(problem)
    return OF_SENTENCE[found[0]] if found else OF_CODE.get(code, ("", ""))
