/** The pages of the workbench: address, name, and whom each is for. Each is loaded when it is first opened. */

import type { Component } from "svelte";
import type { WordKey } from "./words";

export interface Page {
  path: string;
  name: WordKey;
  roles: readonly string[];
  load: () => Promise<{ default: Component }>;
  /** Only where people sign in with accounts. */
  needsAccounts?: boolean;
}

const READERS = ["lead", "viewer"] as const;
const CODERS = ["lead", "coder"] as const;

export const PAGES: readonly Page[] = [
  { path: "/", name: "page_overview", roles: READERS, load: () => import("./pages/overview/Overview.svelte") },
  { path: "/watch", name: "page_watch", roles: READERS, load: () => import("./pages/watch/Watch.svelte") },
  { path: "/code", name: "page_code", roles: CODERS, load: () => import("./pages/code/Code.svelte") },
  { path: "/timeline", name: "page_timeline", roles: CODERS, load: () => import("./pages/timeline/Timeline.svelte") },
  { path: "/agree", name: "page_agree", roles: READERS, load: () => import("./pages/agree/Agree.svelte") },
  { path: "/audience", name: "page_audience", roles: READERS, load: () => import("./pages/gallery/Audience.svelte") },
  { path: "/spread", name: "page_spread", roles: READERS, load: () => import("./pages/gallery/Spread.svelte") },
  { path: "/museum", name: "page_museum", roles: READERS, load: () => import("./pages/museum/Museum.svelte") },
  { path: "/report", name: "page_report", roles: READERS, load: () => import("./pages/report/Report.svelte") },
  { path: "/setup", name: "page_setup", roles: ["lead"], load: () => import("./pages/setup/Setup.svelte") },
  { path: "/team", name: "page_team", roles: ["lead"], load: () => import("./pages/team/Team.svelte"), needsAccounts: true },
  { path: "/account", name: "page_account", roles: ["lead", "coder", "viewer"], load: () => import("./pages/account/Account.svelte"), needsAccounts: true },
];
