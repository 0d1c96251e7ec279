/** The text of lull's scheduled task, [MS-TSCH] 2.5, and of the command in it. Pure. */
import { win32 } from "node:path";

import type { ServiceSpec } from "./service.ts";
import { assertFit, markOf, xmlText } from "./service-text.ts";

export type TaskInput = {
  readonly name: string;
  /** `C:\Windows`. */
  readonly systemRoot: string;
};

/**
 * lull is a console program, and Task Scheduler would open a window for it. `conhost --headless` gives it a console
 * without one. The other ways are worse: `powershell -WindowStyle Hidden` still shows a window (for good under Windows
 * Terminal), VBScript is being removed from Windows, and "run whether logged on or not" takes the person's keychain and
 * idle time away and needs an administrator.
 *
 * conhost always ends with 0 (microsoft/terminal#17178), and RestartOnFailure is only for a task that could not be
 * started ([MS-TSCH] 2.5.4.2): what brings a crashed daemon back is the trigger's repetition, which starts nothing as
 * long as it runs.
 * @throws LullError `BAD_SERVICE_TEXT`
 */
export function renderTask(spec: ServiceSpec, { name, systemRoot }: TaskInput): string {
  const run = [
    "<Exec>",
    `  <Command>${xmlText(win32.join(systemRoot, "System32", "conhost.exe"))}</Command>`,
    `  <Arguments>${xmlText(windowsCommand(["--headless", ...spec.command]))}</Arguments>`,
    "</Exec>",
  ];
  const body = [
    "<Triggers>",
    "  <LogonTrigger>",
    "    <Repetition>",
    "      <Interval>PT5M</Interval>",
    "      <StopAtDurationEnd>false</StopAtDurationEnd>",
    "    </Repetition>",
    "    <Enabled>true</Enabled>",
    `    <UserId>${xmlText(spec.user)}</UserId>`,
    "  </LogonTrigger>",
    "</Triggers>",
    "<Principals>",
    '  <Principal id="Author">',
    `    <UserId>${xmlText(spec.user)}</UserId>`,
    "    <LogonType>InteractiveToken</LogonType>",
    "    <RunLevel>LeastPrivilege</RunLevel>",
    "  </Principal>",
    "</Principals>",
    "<Settings>",
    ...SETTINGS.map(([key, value]) => `  <${key}>${value}</${key}>`),
    "  <RestartOnFailure>",
    "    <Interval>PT1M</Interval>",
    "    <Count>255</Count>",
    "  </RestartOnFailure>",
    "</Settings>",
    '<Actions Context="Author">',
    ...run.map((line) => `  ${line}`),
    "</Actions>",
  ];
  const head = [
    "<RegistrationInfo>",
    `  <Description>Keeps folders in sync with git remotes. Text ${fingerprint(body)}. ${markOf(spec)}</Description>`,
    `  <URI>${xmlText(`\\${name}`)}</URI>`,
    "</RegistrationInfo>",
  ];
  return [
    '<?xml version="1.0" encoding="UTF-16"?>',
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
    ...[...head, ...body].map((line) => `  ${line}`),
    "</Task>",
    "",
  ].join("\r\n");
}

const SETTINGS = [
  ["MultipleInstancesPolicy", "IgnoreNew"],
  ["DisallowStartIfOnBatteries", "false"],
  ["StopIfGoingOnBatteries", "false"],
  ["AllowHardTerminate", "true"],
  ["StartWhenAvailable", "true"],
  ["RunOnlyIfNetworkAvailable", "false"],
  ["AllowStartOnDemand", "true"],
  ["Enabled", "true"],
  // Not from the list of tasks: a person has to find what runs on their machine.
  ["Hidden", "false"],
  ["RunOnlyIfIdle", "false"],
  ["WakeToRun", "false"],
  // No limit; the default ends it after three days.
  ["ExecutionTimeLimit", "PT0S"],
  // Below normal, also for the disk.
  ["Priority", "7"],
] as const;

/** Task Scheduler gives the text back in another layout and encoding; by this word it is known again. */
function fingerprint(lines: readonly string[]): string {
  return new Bun.CryptoHasher("sha256").update(lines.join("\n")).digest("hex").slice(0, 16);
}

export function fingerprintOf(text: string): string | undefined {
  return /<Description>[^<]* Text ([0-9a-f]{16})\. /.exec(text)?.[1];
}

/** One command line that CommandLineToArgvW takes apart into the same words. */
export function windowsCommand(words: readonly string[]): string {
  return words.map(windowsWord).join(" ");
}

function windowsWord(word: string): string {
  assertFit(word, "a path or value");
  if (/^[^\s"]+$/.test(word)) return word;
  // A backslash is only special before a quote: there, and before the closing one, it is doubled.
  return `"${word.replaceAll(/(\\*)"/g, String.raw`$1$1\"`).replace(/(\\+)$/, "$1$1")}"`;
}
