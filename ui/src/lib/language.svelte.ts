/** The language of the pages. Every text that a person reads comes from the dictionary in `words/`, through `t`. */

import { words, type WordKey } from "../words";
import type { Word } from "../words/dictionary";

export type Language = "zh" | "en";

const KEPT = "yuhu.language";

class LanguageState {
  now = $state<Language>("en");

  set(language: Language): void {
    this.now = language;
    localStorage.setItem(KEPT, language);
    document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  }

  /** The language that was chosen here before; else the browser's, if pages are in it; else the study's. */
  start(ofStudy: string): void {
    const ofBrowser = navigator.languages.map((one) => one.slice(0, 2)).find((one) => one === "zh" || one === "en");
    const kept = localStorage.getItem(KEPT) ?? ofBrowser ?? ofStudy;
    this.now = kept === "zh" ? "zh" : "en";
    document.documentElement.lang = this.now === "zh" ? "zh-Hans" : "en";
  }
}

export const language = new LanguageState();

/** What the server says in both languages, in that of the page. */
export const inLanguage = (said: Word): string => said[language.now];

/** A text of the dictionary in the language of the page; `{name}` in it becomes what is given under that name. */
export function t(key: WordKey, filled: Record<string, string | number> = {}): string {
  const text: string = words[key][language.now];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in filled ? String(filled[name]) : whole));
}
