"""The words of the desk in a terminal, in Chinese and English. Codes, values, definitions and examples come from the codebook."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "done": {"en": "{done} of {total} done", "zh": "已完成 {done}/{total}"},
    "today": {"en": "{n} today", "zh": "今天 {n} 条"},
    "pace": {"en": "{seconds} s a unit", "zh": "每条 {seconds} 秒"},
    "hours_left": {"en": "{hours} h left", "zh": "约剩 {hours} 小时"},
    "waiting": {"en": "{n} come later", "zh": "{n} 条以后再来"},
    "training": {"en": "training", "zh": "培训"},
    "right_so_far": {"en": "{right} of {n} right", "zh": "答对 {right}/{n}"},
    "danmaku": {"en": "danmaku", "zh": "弹幕"},
    "comment": {"en": "comment", "zh": "评论"},
    "reply": {"en": "reply", "zh": "回复"},
    "post": {"en": "post", "zh": "帖子"},
    "repost": {"en": "repost", "zh": "转发"},
    "example": {"en": "example", "zh": "例句"},
    "at": {"en": "at {time}", "zh": "视频 {time} 处"},
    "in_reply_to": {"en": "in reply to:", "zh": "回复："},
    "lines_around": {"en": "what is said around it:", "zh": "前后台词："},
    "gone": {"en": "(this message was removed from the study: press a)", "zh": "（这条消息已从研究中删除：请按 a）"},
    "empty": {"en": "(no text)", "zh": "（没有文字）"},
    "your_note": {"en": "note: {note}", "zh": "备注：{note}"},
    "several": {
        "en": "choose all that apply, then Enter; Enter alone: none of them",
        "zh": "选出所有符合的，再按回车；直接回车表示都不符合",
    },
    "answered": {"en": "answered: {value}; Enter keeps it", "zh": "已答：{value}；回车保留"},
    "undecided": {"en": "cannot be decided", "zh": "无法判断"},
    "more_choices": {"en": "> more choices ({page} of {pages})", "zh": "> 更多选项（{page}/{pages}）"},
    "page": {"en": "Space: more ({page} of {pages})", "zh": "空格：下一页（{page}/{pages}）"},
    "close": {"en": "any other key: back", "zh": "其他任意键：返回"},
    "go_on": {"en": "any key: go on", "zh": "任意键：继续"},
    "keys": {
        "en": "? cannot decide  d definition  e examples  n note  b back  u undo unit  s skip  a abstain on unit  q quit  h help",
        "zh": "? 无法判断  d 定义  e 例句  n 备注  b 上一题  u 撤销上一条  s 跳过  a 整条弃权  q 退出  h 帮助",
    },
    "keys_training": {
        "en": "? cannot decide  d definition  n note  b back  q quit  h help",
        "zh": "? 无法判断  d 定义  n 备注  b 上一题  q 退出  h 帮助",
    },
    "keys_end": {"en": "u undo the last unit  q quit", "zh": "u 撤销上一条  q 退出"},
    "keys_end_training": {"en": "q quit", "zh": "q 退出"},
    "definition": {"en": "definition", "zh": "定义"},
    "include": {"en": "belongs here", "zh": "包括"},
    "exclude": {"en": "does not belong here", "zh": "不包括"},
    "conflicts": {"en": "may not stand together with", "zh": "不能同时成立"},
    "examples": {"en": "examples", "zh": "例句"},
    "near_misses": {"en": "near misses", "zh": "易混淆的例句"},
    "instead": {"en": "instead: {code}", "zh": "应归：{code}"},
    "note_prompt": {"en": "note (empty: none): ", "zh": "备注（留空表示没有）："},
    "noted": {"en": "the note is kept with this unit", "zh": "备注已保存在这一条上"},
    "note_gone": {"en": "this unit has no note", "zh": "这一条没有备注"},
    "first_question": {"en": "this is the first question; u undoes the last unit", "zh": "这已经是第一题；按 u 撤销上一条"},
    "no_answer": {"en": "there is no answer yet: choose one, or ? if it cannot be decided", "zh": "还没有答案：请选择，无法判断请按 ?"},
    "no_such_key": {"en": "`{key}` does nothing here; h lists the keys", "zh": "“{key}”在这里没有作用；按 h 查看按键"},
    "skipped": {"en": "skipped: it comes again at the end", "zh": "已跳过：最后会再出现"},
    "abstained": {"en": "abstained on that unit; u takes it back", "zh": "那一条已整条弃权；按 u 撤销"},
    "undone": {"en": "taken back: this is the last unit, with your answers", "zh": "已撤销：这是上一条，答案还在"},
    "nothing_to_undo": {"en": "there is nothing to undo", "zh": "没有可以撤销的"},
    "no_examples": {"en": "in training the examples are the questions; d shows the definition", "zh": "培训中例句就是题目；按 d 查看定义"},
    "not_in_training": {
        "en": "`{key}` does nothing in training: each answer is followed by what is right",
        "zh": "培训中没有“{key}”：每次作答后都会给出正确答案",
    },
    "tired": {"en": "50 minutes without a pause: a short break keeps your coding steady", "zh": "已连续编码 50 分钟：休息一下，编码才稳定"},
    "harsh": {
        "en": "{n} hostile messages in this sitting: better to stop for today",
        "zh": "这次已经读了 {n} 条敌意消息：今天先到这里吧",
    },
    "all_done": {"en": "all units are done: thank you", "zh": "全部完成，谢谢！"},
    "all_today": {"en": "nothing is left today; {n} units come later", "zh": "今天没有了；还有 {n} 条以后再来"},
    "right": {"en": "right", "zh": "正确"},
    "wrong": {"en": "the codebook has it otherwise", "zh": "与编码手册不同"},
    "you_said": {"en": "your answer", "zh": "你的答案"},
    "codebook_says": {"en": "codebook", "zh": "编码手册"},
    "why": {"en": "why", "zh": "理由"},
    "none_of_them": {"en": "none of them", "zh": "都不符合"},
    "left": {"en": "kept: {done} of {total} done. To go on exactly here:", "zh": "已保存：完成 {done}/{total}。下次从这里继续："},
    "code": {"en": "code", "zh": "编码"},
    "n": {"en": "n", "zh": "题数"},
    "n_right": {"en": "right", "zh": "答对"},
    "share_right": {"en": "share right", "zh": "正确比例"},
    "help": {
        "en": "Each unit is asked code by code. One key answers: the digit or letter beside a value. Where several can apply, choose "
        "all that do and press Enter; the same key again takes one back.\n\n"
        "?      this question cannot be decided\n"
        "d      definition: what belongs here and what does not\n"
        "e      examples and near misses, those in the unit's language first\n"
        "n      write a note\n"
        "b      back to the question before; Enter keeps its answer\n"
        "u      undo the last unit\n"
        "s      skip: the unit comes again at the end\n"
        "a      abstain on the whole unit: not readable, another language\n"
        "Space  more of a long text\n"
        "q      quit; everything is kept, also the unit in progress\n\n"
        "Code what the message says, never what its author may feel. You see no one else's codings.",
        "zh": "每条消息按编码逐题询问。一个键作答：按取值旁边的数字或字母。可以多选的题目，选出所有符合的再按回车；再按一次同一个键就取消。\n\n"
        "?     这一题无法判断\n"
        "d     定义：包括什么，不包括什么\n"
        "e     例句与易混淆的例句，先列与消息同一语言的\n"
        "n     写备注\n"
        "b     回到上一题；回车保留原来的答案\n"
        "u     撤销上一条\n"
        "s     跳过：最后会再出现\n"
        "a     整条弃权：读不懂，或是别的语言\n"
        "空格  长文的下一页\n"
        "q     退出；全部保存，包括做到一半的这一条\n\n"
        "只编码消息说了什么，不猜测发言者的感受。你看不到别人的编码。",
    },
}


def word(name: str, lang: str, **facts: object) -> str:
    """A text of the desk in one language, with facts filled in."""
    return WORDS[name][lang].format(**facts)
