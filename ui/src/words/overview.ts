import { dictionary } from "./dictionary";

export const overview = dictionary({
  overview_responses: { en: "Responses", zh: "回应" },
  overview_videos: { en: "Videos", zh: "视频" },
  overview_works: { en: "Independent works", zh: "独立作品" },
  overview_dates: { en: "Sent", zh: "发送日期" },
  overview_no_dates: { en: "no times known", zh: "时间未知" },
  overview_files: { en: "Files", zh: "文件" },
  overview_rejects: { en: "Records not taken", zh: "未采纳的记录" },
  overview_findings: { en: "The strongest findings", zh: "最有力的发现" },
  overview_see: { en: "See the figures", zh: "查看图表" },
  overview_outdated: {
    en: "The results are older than the study; changed since: {parts}. Measure again.",
    zh: "结果早于研究的当前状态；此后有变化的部分：{parts}。请重新测量。",
  },
  overview_missing: { en: "What is missing from the sample", zh: "样本缺少什么" },
  overview_nothing_missing: { en: "The files do not tell of anything missing.", zh: "文件本身没有显示缺失。" },
  overview_platforms: { en: "Platforms", zh: "平台" },
  overview_platform: { en: "Platform", zh: "平台" },
  overview_kind: { en: "Kind", zh: "类型" },
  overview_languages: { en: "Languages", zh: "语言" },
  overview_language: { en: "Language", zh: "语言" },
  overview_coders: { en: "Coding", zh: "编码进度" },
  overview_coder: { en: "Coder", zh: "编码员" },
  overview_done: { en: "Done", zh: "已完成" },
  overview_assigned: { en: "Assigned", zh: "已分配" },
  overview_no_coders: { en: "Nobody codes yet: yuhu coders, then yuhu sample.", zh: "还没有编码员：先用 yuhu coders 添加，再用 yuhu sample 抽样。" },
  overview_machine: { en: "Machine coder {coder}: {n} decisions.", zh: "机器编码器 {coder}：{n} 项判断。" },
  overview_machine_old: {
    en: "Machine coder {coder}: {n} decisions, under an earlier codebook.",
    zh: "机器编码器 {coder}：{n} 项判断，依据的是较早的编码手册。",
  },
});
