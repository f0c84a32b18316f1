import { t } from "../../lib/language.svelte";

export const ROLES = ["lead", "coder", "viewer"] as const;
export type Role = (typeof ROLES)[number];

export interface Member {
  name: string;
  role: Role;
  at: string;
  seen: string | null;
  assigned: number | null;
  done: number | null;
}

export interface Event {
  id: number;
  at: string;
  who: string;
  what: string;
  facts: Record<string, string>;
}

export function roleName(role: Role | ""): string {
  return role === "" ? "" : t(`role_${role}`);
}
