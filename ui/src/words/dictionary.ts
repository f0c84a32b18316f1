export interface Word {
  en: string;
  zh: string;
}

/** For modules of words: every entry has both languages, and its key is known to the compiler. */
export const dictionary = <K extends string>(entries: Record<K, Word>): Record<K, Word> => entries;
