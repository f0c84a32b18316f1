"""Words of the list of strongest findings, and of why there are none."""

FINDINGS: dict[str, dict[str, str]] = {
    "rule": {
        "en": "Of {looked} estimates with an interval that say how much something differs, those that still stand after correction for all that were looked at beside them: "
        "p at most .05, as the measure adjusts it or, where it gives none, read off the interval and adjusted (Holm) within the kind of question. "
        "The higher claim rung first, then the distance from no difference in widths of the interval; at most {most_alike} of one kind. Never a machine's count alone.",
        "zh": "在 {looked} 个说明差异大小且带区间的估计中，经同类比较的多重校正后仍然成立的：p 不超过 .05，采用各测量自己的校正；没有给出 p 的，由区间推出，并在同类问题之内用 Holm 法校正。"
        "先按论断层级从高到低，再按与“无差异”的距离（以区间宽度计）；同类最多 {most_alike} 条。从不采用单凭机器的计数。",
    },
    "open": {
        "en": "{n} of them have a doubt attached (such as languages not established as comparable) and cannot be among the findings.",
        "zh": "其中 {n} 个附有疑问（例如语言之间未确立可比性），不能列为发现。",
    },
    "none": {
        "en": "No finding yet: none of {looked} estimates with an interval still stands after correction for all that were looked at. That is no proof that nothing differs: the intervals say what is still possible.",
        "zh": "尚无发现：{looked} 个带区间的估计中，没有一个在多重校正后成立。这不能证明没有差异：区间说明哪些差异仍有可能。",
    },
    "no_gold": {
        "en": "No finding yet: no person has coded a probability sample, so no share has an interval. About {units} units for a code give a share within 5 points at worst; `yuhu sample STUDY --plan`, or the page Set up, says it code by code.",
        "zh": "尚无发现：还没有人编码过概率样本，因此没有一个占比带区间。每个编码约 {units} 个单位，最坏情况下占比的误差在 5 个百分点以内；`yuhu sample STUDY --plan` 或“设置”页会逐个编码给出。",
    },
    "no_interval": {
        "en": "No finding yet: gold has {n_gold} units at most for one code, and no comparison has an interval. About {units} units for a code and group give a share within 5 points at worst; `yuhu sample STUDY --plan`, or the page Set up, says it code by code.",
        "zh": "尚无发现：单个编码的黄金样本最多 {n_gold} 个单位，还没有任何比较带区间。每个编码与每组约 {units} 个单位，最坏情况下占比的误差在 5 个百分点以内；`yuhu sample STUDY --plan` 或“设置”页会逐个编码给出。",
    },
    "no_results": {
        "en": "No finding yet: nothing was measured. `yuhu run` codes with the machine and measures; gold makes intervals.",
        "zh": "尚无发现：还没有测量。`yuhu run` 会用机器编码并测量；有了黄金样本才有区间。",
    },
}
