/** The one dictionary of the workbench. A page keeps its words in a module of its own, with its name before each key; all are joined here. */

import { agree } from "./agree";
import { choices } from "./choices";
import { code } from "./code";
import { gallery } from "./gallery";
import { museum } from "./museum";
import { overview } from "./overview";
import { report } from "./report";
import { setup } from "./setup";
import { shell } from "./shell";
import { team } from "./team";
import { timeline } from "./timeline";
import { watch } from "./watch";

export const words = { ...shell, ...overview, ...gallery, ...code, ...team, ...timeline, ...watch, ...setup, ...report, ...museum, ...agree, ...choices };

export type WordKey = keyof typeof words;
