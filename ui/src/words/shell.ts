import { dictionary } from "./dictionary";

export const shell = dictionary({
  page_overview: { en: "Overview", zh: "概览" },
  page_watch: { en: "Watch", zh: "观看" },
  page_code: { en: "Code", zh: "编码" },
  page_timeline: { en: "Timeline", zh: "时间轴编码" },
  page_audience: { en: "Audience", zh: "受众" },
  page_spread: { en: "Spread", zh: "传播" },
  nothing_here: { en: "There is no page at this address.", zh: "此地址没有页面。" },
  not_for_role: { en: "This page is not for your role in the study.", zh: "你在本研究中的角色不能查看此页。" },
  loading: { en: "Loading …", zh: "正在加载……" },
  skip_to_content: { en: "Skip to the content", zh: "跳到正文" },
  navigation: { en: "Pages", zh: "页面" },
  language_switch: { en: "中文", zh: "English" },
  language_switch_label: { en: "Show the pages in Chinese (中文)", zh: "以英文（English）显示页面" },
  theme_label: { en: "Colours", zh: "配色" },
  theme_auto: { en: "as the system", zh: "跟随系统" },
  theme_light: { en: "light", zh: "浅色" },
  theme_dark: { en: "dark", zh: "深色" },
  constructed: {
    en: "Constructed data: nothing here is about real people.",
    zh: "构造数据：这里的一切与真实的人无关。",
  },
  closed_lead: {
    en: "This workbench is open only to whoever has its address. Open the address that `yuhu serve` printed in the terminal.",
    zh: "只有持有地址的人才能打开本工作台。请打开终端里 `yuhu serve` 显示的地址。",
  },
  problem_fix: { en: "What helps:", zh: "解决办法：" },
  problem_offline: { en: "The server does not answer.", zh: "服务器没有响应。" },
  problem_offline_fix: { en: "Is `yuhu serve` still running? Nothing that was saved is lost.", zh: "`yuhu serve` 还在运行吗？已保存的内容不会丢失。" },
  problem_unknown: { en: "Something went wrong.", zh: "出错了。" },
  problem_again: { en: "Try again", zh: "重试" },
});
