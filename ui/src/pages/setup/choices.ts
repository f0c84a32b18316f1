/** Names of what the forms offer; the server knows it by ids. */

import { t } from "../../lib/language.svelte";
import { words, type WordKey } from "../../words";

/** The id in words; the id itself where the dictionary has none (a test holds every id of the server against it). */
export function choiceName(of: "allocation" | "by" | "column" | "record" | "sorted", id: string): string {
  const key = `choice_${of}_${id}`;
  return key in words ? t(key as WordKey) : id;
}
