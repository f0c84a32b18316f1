import { dictionary } from "./dictionary";

export const museum = dictionary({
  museum_print: { en: "Print", zh: "打印" },
  museum_watch: { en: "Watch at {at}", zh: "从 {at} 观看" },
  museum_rests: { en: "What it rests on", zh: "查看依据" },
  museum_note: { en: "The same estimates as in the report, in fewer and plainer words.", zh: "与报告使用相同的估计值，只是用语更少、更浅白。" },
});
