/** Who decides: the account; without accounts a name that is asked for once and kept in this browser. */

import { session } from "../../lib/session.svelte";

const KEPT = "yuhu.decides";

class Decider {
  now = $state(localStorage.getItem(KEPT) ?? "");

  get isAsked(): boolean {
    return !session.now?.name;
  }

  get name(): string {
    return session.now?.name || this.now.trim();
  }

  set(name: string): void {
    this.now = name;
    localStorage.setItem(KEPT, name);
  }
}

export const decider = new Decider();
