import { get } from "./api";
import { language } from "./language.svelte";

export interface Session {
  has_accounts: boolean;
  is_signed_in: boolean;
  name: string;
  role: "lead" | "coder" | "viewer" | "";
  title: string;
  language: string;
  is_constructed: boolean;
  version: string;
}

class SessionState {
  now = $state<Session | null>(null);

  async load(): Promise<void> {
    const found = await get<Session>("/api/session");
    if (!this.now) language.start(found.language);
    this.now = found;
  }

  may(roles: readonly string[]): boolean {
    return this.now !== null && roles.includes(this.now.role);
  }
}

export const session = new SessionState();
