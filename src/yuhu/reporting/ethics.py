"""The ethics and data statement of a study, in two languages, from its real settings and contents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yuhu.study.manifest import Run, SourceEntry
from yuhu.study.settings import Settings
from yuhu.texts.hostile import visible

_LOCAL = ("lexicon", "classifier", "transformer", "simulated")
_CODES = ("stance", "cultural_identity", "collective_memory")


@dataclass(frozen=True)
class Sending:
    """What was sent to a server under one name of codings, in all runs."""

    label: str
    server: str
    model: str
    texts: int
    with_context: int
    frames: int
    requests: int
    first_at: str
    last_at: str


@dataclass(frozen=True)
class Holdings:
    """What a statement speaks of."""

    settings: Settings
    sources: Sequence[SourceEntry]
    runs: Sequence[Run]
    counts: Mapping[str, Any]
    platforms: Sequence[str]
    sent: tuple[str, str] | None
    regions: int
    authors: int
    has_raw: bool
    receipts: int
    political: Sequence[Mapping[str, str]]
    coders: Sequence[str]
    version: str
    sendings: Sequence[Sending] = ()


def statement(held: Holdings) -> str:
    """The statement as Markdown, Chinese first where the study's reports are Chinese."""
    order = ("zh", "en") if held.settings.language == "zh" else ("en", "zh")
    return "\n".join(_in(held, lang) for lang in order)


def _in(held: Holdings, lang: str) -> str:
    parts = [_collected, _public, _people, _sensitive, _quotes, _storage, _models, _shared, _open]
    title = {"en": "Ethics and data statement", "zh": "伦理与数据说明"}[lang]
    head = f"# {title}: {visible(held.settings.title, 120)}\n"
    if held.settings.constructed:
        head += {"en": "\nConstructed data: nothing here is about real people.\n", "zh": "\n构造数据：与真实的人无关。\n"}[lang]
    return head + "".join(f"\n## {name}\n\n{text}\n" for name, text in (part(held, lang) for part in parts))


def _collected(held: Holdings, lang: str) -> tuple[str, str]:
    n, files = held.counts["responses"], len(held.sources)
    where = ", ".join(visible(name, 40) for name in held.platforms) or "–"
    span = f"{held.sent[0]} – {held.sent[1]}" if held.sent else "–"
    importers = ", ".join(sorted({entry.importer for entry in held.sources})) or "–"
    if lang == "zh":
        return "收集了什么", (
            f"{files} 个文件，共 {n:,} 条消息（弹幕 {held.counts['danmaku']:,}，评论与回复 {held.counts['comments']:,}，帖子与转发 {held.counts['posts']:,}），"
            f"来自：{where}；发送时间 {span}。读取方式：{importers}（yuhu {held.version}）。本软件只读文件，不访问任何平台。{held.regions:,} 条消息带有平台显示的粗略地区。"
        )
    return "What was collected", (
        f"{files} files with {n:,} messages ({held.counts['danmaku']:,} danmaku, {held.counts['comments']:,} comments and replies, {held.counts['posts']:,} posts and reposts) "
        f"from {where}; sent {span}. Read by {importers} (yuhu {held.version}), which reads files only and calls no platform. {held.regions:,} messages carry the coarse region that the platform shows."
    )


def _public(held: Holdings, lang: str) -> tuple[str, str]:
    del held
    if lang == "zh":
        return "公开，但并非为研究而写", (
            "这些消息在平台上可公开看到，但作者写给其他观众，而不是写给研究者；他们没有被询问，也没有同意。因此只报告汇总结果，并尽量减少可识别信息。"
            "作者中可能有未成年人：平台不显示年龄，本研究也不推断年龄。不推断族裔、性别或政治立场等个人属性。"
        )
    return "Public, but not written for research", (
        "The messages could be seen by anyone on the platform, but their authors wrote for other viewers, not for researchers; they were not asked and did not consent. "
        "So only aggregates are reported, and what identifies people is kept to the least. Authors may be minors: platforms show no age, and none is inferred. "
        "No ethnicity, gender or political leaning of a person is inferred."
    )


def _people(held: Holdings, lang: str) -> tuple[str, str]:
    raw = held.has_raw
    if lang == "zh":
        return "假名，而非匿名", (
            f"作者标识在写入前即替换为密钥化的键（HMAC-SHA-256），共 {held.authors:,} 个；昵称、头像与主页不保存；文本中的 @昵称、邮箱和主页链接替换为 @person_…。"
            "这是假名化而非匿名化：持有 secret.key 的人可以验证某个账号是否在内，公开的原文也可能被搜索引擎找回。"
            + ("原始记录另存一份，作者与昵称同样已替换或删除。" if raw else "没有保存原始记录。")
        )
    return "Pseudonymous, not anonymous", (
        f"Ids of authors became keys (HMAC-SHA-256 under a secret) before anything was written: {held.authors:,} of them. Names, pictures and profiles are not kept; @handles, mail addresses and profile links in texts became @person_…. "
        "This is pseudonymous, not anonymous: whoever holds secret.key can test whether an account is in the study, and a public text may be found again by a search engine. "
        + (
            "The records of the files are kept as well, with people replaced or removed in the same way."
            if raw
            else "The records of the files are not kept."
        )
    )


def _sensitive(held: Holdings, lang: str) -> tuple[str, str]:
    names = ", ".join(label[lang] for label in held.political)
    if lang == "zh":
        said = f"编码手册中的“{names}”涉及政治观点，属于特殊类别数据" if names else "编码手册没有涉及政治观点的编码"
        return "政治观点", f"{said}。这些编码描述消息而非个人，只以汇总形式报告；单元少于 {held.settings.k_anonymity} 条消息时隐去。"
    said = (
        f"The codes {names} of the codebook are about political opinion, which is special-category data"
        if names
        else "No code of the codebook is about political opinion"
    )
    return "Political opinion", (
        f"{said}. Codes describe messages, never persons, and are reported as aggregates; cells of fewer than {held.settings.k_anonymity} messages are suppressed."
    )


def _quotes(held: Holdings, lang: str) -> tuple[str, str]:
    del held
    if lang == "zh":
        return "引用", "报告默认不引用任何原文。如需举例，请改写；可搜索的原文会暴露作者。"
    return (
        "Quotes",
        "Reports quote no message. Where an example is needed, paraphrase it: words that can be searched lead back to their author.",
    )


def _storage(held: Holdings, lang: str) -> tuple[str, str]:
    until = held.settings.retain_until
    if lang == "zh":
        kept = f"数据保存至 {until}，之后删除" if until else "尚未设定保存期限：请在 study.yaml 中填写 retain_until"
        return (
            "保存",
            f"数据保存在一个仅所有者可读的文件夹内，secret.key 权限为 600。{kept}。应要求删除（yuhu forget）已执行 {held.receipts} 次，每次留有不含内容的回执。",
        )
    kept = f"Data are kept until {until} and deleted then" if until else "No end of storage is set: fill in retain_until in study.yaml"
    return "Storage", (
        f"The study is a folder that only its owner can read; secret.key has the mode 600. {kept}. Messages were taken out on request (yuhu forget) {held.receipts} times; each left a receipt without content."
    )


def _models(held: Holdings, lang: str) -> tuple[str, str]:
    local = sorted({run.coder for run in held.runs if run.kind in _LOCAL})
    known = {one.label for one in held.sendings}
    remote = [run for run in held.runs if run.kind not in _LOCAL and run.coder not in known]
    people = ", ".join(visible(name, 40) for name in held.coders)
    if lang == "zh":
        lines = [f"在本机运行的机器编码者：{'、'.join(local) or '无'}；没有文本因此离开本机。"]
        lines += [
            f"{run.coder}：文本已发送至 {visible(str(run.parameters.get('server', '（参数中未记录服务器）')), 120)}，模型 {visible(str(run.parameters.get('model', '?')), 80)}。"
            for run in remote
        ]
        lines += [_sent_zh(one) for one in held.sendings]
        if held.sendings:
            lines.append("以上出自与答案一同保存的请求记录。运行参数中写明的服务器可能没有作答（答案来自缓存），以请求记录为准。")
        lines.append(f"人工编码者：{people or '无'}。")
        return "哪些文本发送给了哪个模型", "\n".join(lines)
    lines = [f"Machine coders that run on this machine: {', '.join(local) or 'none'}; no text left it for them."]
    lines += [
        f"{run.coder}: texts were sent to {visible(str(run.parameters.get('server', '(the parameters name no server)')), 120)}, model {visible(str(run.parameters.get('model', '?')), 80)}."
        for run in remote
    ]
    lines += [_sent_en(one) for one in held.sendings]
    if held.sendings:
        lines.append(
            "This is the ledger of requests, kept with the answers. The server named in a run's parameters may have answered nothing: it is the ledger that counts."
        )
    lines.append(f"People who coded: {people or 'none'}.")
    return "What was sent to which model", "\n".join(lines)


def _sent_en(one: Sending) -> str:
    context = f", {one.with_context:,} of them with the message answered to or the lines spoken nearby" if one.with_context else ""
    what = (
        f"{one.frames:,} key frames of videos with the lines spoken in {one.texts:,} segments"
        if one.frames
        else f"{one.texts:,} distinct texts{context}"
    )
    return (
        f"{visible(one.label, 40)}: {what} were sent to {visible(one.server, 120)}, model {visible(one.model, 80)}, in {one.requests:,} requests "
        f"from {one.first_at[:10]} to {one.last_at[:10]}. Author names, keys, likes, times and ids were not sent. What the server keeps is for its operator to say."
    )


def _sent_zh(one: Sending) -> str:
    context = f"，其中 {one.with_context:,} 条带有所回复的信息或邻近台词" if one.with_context else ""
    what = f"视频的 {one.frames:,} 个关键帧及 {one.texts:,} 个片段的台词" if one.frames else f"{one.texts:,} 条不同的文本{context}"
    return (
        f"{visible(one.label, 40)}：{what}已发送至 {visible(one.server, 120)}，模型 {visible(one.model, 80)}，共 {one.requests:,} 次请求，"
        f"{one.first_at[:10]} 至 {one.last_at[:10]}。未发送作者名、密钥化编号、点赞数、时间和任何标识。服务器保留什么，由其运营者说明。"
    )


def _shared(held: Holdings, lang: str) -> tuple[str, str]:
    del held
    if lang == "zh":
        return "共享什么", (
            "可以共享：汇总估计、编码手册、方法与软件版本；在伦理审查允许时，可共享不含文本的表（yuhu export --without-texts）。不共享：secret.key、原始记录、forgotten.json，以及可还原个人的文本。"
        )
    return "What is shared", (
        "To be shared: estimates, the codebook, methods and versions; where the review board allows it, tables without texts (yuhu export --without-texts). "
        "Not to be shared: secret.key, the records of files, forgotten.json, and texts that lead back to people."
    )


def _open(held: Holdings, lang: str) -> tuple[str, str]:
    cut = sum(entry.is_truncated for entry in held.sources)
    if lang == "zh":
        return "由研究者填写", (
            f"伦理审查机构与编号：____。合法依据：____。数据取得方式与平台条款：____。{cut} 个文件已知不完整（见报告“样本缺了什么”）。联系人：____。"
        )
    return "To be filled in", (
        f'Review board and number: ____. Legal basis: ____. How the files were obtained, and the platforms\' terms: ____. {cut} files are known to be incomplete (see "What is missing from the sample" in the report). Contact: ____.'
    )


def political_labels(labels: Mapping[str, Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Labels of the codes that are about political opinion."""
    return [labels[code] for code in _CODES if code in labels]
