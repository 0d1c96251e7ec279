/** The text of lull's launchd agent, launchd.plist(5). Pure; checked with a parser of property lists. */
import { join } from "node:path/posix";

import type { ServiceScope, ServiceSpec } from "./service.ts";
import { markOf, xmlText } from "./service-text.ts";

/** lull has no domain of its own to turn round. */
export const LABEL = "lull.daemon";

/** @throws LullError `BAD_SERVICE_TEXT` */
export function renderAgent(spec: ServiceSpec, scope: ServiceScope): string {
  const output = outputFile(spec, scope);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<!-- ${markOf(spec)} -->`,
    '<plist version="1.0">',
    ...value({
      Label: LABEL,
      ProgramArguments: spec.command,
      EnvironmentVariables: sorted(spec.environment),
      ...(scope === "system" ? { UserName: spec.user } : {}),
      Umask: spec.umask,
      RunAtLoad: true,
      // After a crash, and after an exit that tells of a failure; not after `lull daemon stop`.
      KeepAlive: { SuccessfulExit: false, Crashed: true },
      ThrottleInterval: 30,
      // A running sync has 30 s to end.
      ExitTimeOut: 40,
      ProcessType: "Background",
      LowPriorityIO: true,
      // The daemon keeps its own log; here is what it says when it can not even open that.
      StandardOutPath: output,
      StandardErrorPath: output,
    }),
    "</plist>",
    "",
  ].join("\n");
}

/** launchd makes the file for the person; the folder has to be there already. */
function outputFile({ stateDirectory }: ServiceSpec, scope: ServiceScope): string {
  return scope === "system" ? `/Library/Logs/${LABEL}.log` : join(stateDirectory, "launchd-output.log");
}

function sorted(record: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

type PlistValue = string | number | boolean | readonly string[] | { readonly [key: string]: PlistValue };

function value(given: PlistValue): readonly string[] {
  if (typeof given === "string") return [`<string>${xmlText(given)}</string>`];
  if (typeof given === "number") return [`<integer>${given}</integer>`];
  if (typeof given === "boolean") return [given ? "<true/>" : "<false/>"];
  if (isList(given)) return ["<array>", ...indented(given.flatMap(value)), "</array>"];
  const entries = Object.entries(given).flatMap(([key, each]) => [
    `<key>${xmlText(key)}</key>`,
    ...value(each),
  ]);
  return ["<dict>", ...indented(entries), "</dict>"];
}

function isList(given: object): given is readonly string[] {
  return Array.isArray(given);
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
