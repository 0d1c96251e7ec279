/**
 * The built-in apps. `scripts/app-catalogue.ts` makes their text from `apps/*.yaml`; loaded when an app is asked for.
 */
import type { AppDefinition } from "../../config/app-definition.ts";
// Parsed in 3 ms; 500 files of YAML and their schema take 1.4 s.
import text from "./built-in.json.txt" with { type: "text" };

export const BUILT_IN_APPS = JSON.parse(text) as readonly AppDefinition[];
