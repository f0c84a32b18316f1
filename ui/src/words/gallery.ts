import { dictionary } from "./dictionary";

export const gallery = dictionary({
  gallery_nothing: { en: "The study has no estimates for this page yet.", zh: "本研究尚无此页的估计。" },
  gallery_download: { en: "Download", zh: "下载" },
  gallery_machine: { en: "machine only, not validated", zh: "仅机器，未经验证" },
});
