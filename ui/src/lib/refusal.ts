/** What the server says of an error, for the reader of a page. */

import type { Refusal } from "./api";
import { language } from "./language.svelte";

export interface Explained {
  problem: string;
  /** Names and values. */
  facts: [string, string][];
  /** What to do on the page; empty where the server knows nothing. */
  fix: string;
}

/** In the language of the page; as the server said it where it did not say it for pages (what stands before the server, such as a proxy). */
export function explained(refusal: Refusal): Explained {
  return refusal.shown?.[language.now] ?? { problem: refusal.problem, facts: Object.entries(refusal.facts), fix: "" };
}

/** As in a terminal: what to search for, to send to whoever can help, and the command that helps there. */
export function asInTerminal(refusal: Refusal): string {
  const facts = Object.entries(refusal.facts).map(([name, value]) => `${name}: ${value}`);
  return [`[${refusal.code}] ${refusal.problem}`, ...(facts.length ? [`  ${facts.join("   ")}`] : []), ...(refusal.fix ? [`  fix: ${refusal.fix}`] : [])].join("\n");
}
