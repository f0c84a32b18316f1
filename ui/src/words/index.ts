/** The one dictionary of the workbench. A page keeps its words in a module of its own, with its name before each key; all are joined here. */

import { shell } from "./shell";

export const words = { ...shell };

export type WordKey = keyof typeof words;
