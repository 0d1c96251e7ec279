import type { ServiceReport } from "../../app/get-service-status.ts";
import type {
  ServiceAction,
  ServiceInstalled,
  ServiceProblem,
  ServiceUninstalled,
} from "../../app/service-scope.ts";
import { shortPath } from "../../app/user-path.ts";
import { formatDuration } from "../../base/duration.ts";
import { safeText } from "../../base/safe-text.ts";
import { safeContent } from "../safe-content.ts";
import { hangingLines, wrapColumns } from "../text-layout.ts";
import type { Look } from "./look.ts";
import { timeAgo } from "./times.ts";

const MANAGERS = {
  systemd: "systemd",
  launchd: "launchd",
  "task-scheduler": "Task Scheduler",
  none: "none",
} as const;

const INSTALLED = {
  installed: "Installed and started the service",
  updated: "Rewrote the service and restarted it",
  started: "The service was installed already; started it",
  unchanged: "The service is installed and running; nothing to change",
} as const satisfies Record<ServiceInstalled["outcome"], string>;

const WOULD_INSTALL = {
  installed: "Would install and start the service",
  updated: "Would rewrite the service and restart it",
  started: "The service is installed already; would start it",
  unchanged: INSTALLED.unchanged,
} as const satisfies Record<ServiceInstalled["outcome"], string>;

export function installedLines(installed: ServiceInstalled, look: Look): readonly string[] {
  const { dryRun, outcome, manager, file, text, actions, problems } = installed;
  const place = `${MANAGERS[manager]}, ${safeText(shortPath(file, look.home))}`;
  const { style, symbols } = look;
  if (!dryRun) {
    const sign = outcome === "unchanged" ? symbols.same : style.green(symbols.done);
    return [`${sign} ${INSTALLED[outcome]} (${place})`, ...problemLines(problems, look)];
  }
  const first = `${WOULD_INSTALL[outcome]} (${place})`;
  const isWritten = actions.some((action) => action.kind === "write");
  return [
    first,
    ...stepLines(actions),
    ...(isWritten ? ["", `# ${safeText(file)}`, ...safeContent(text.replaceAll("\r\n", "\n"))] : []),
    ...problemLines(problems, look),
  ];
}

export function uninstalledLines(uninstalled: ServiceUninstalled, look: Look): readonly string[] {
  const { dryRun, outcome, manager, actions } = uninstalled;
  if (outcome === "not-installed")
    return [`${look.symbols.same} The service is not installed; nothing to do (${MANAGERS[manager]})`];
  if (dryRun) return [`Would stop the service and take it out (${MANAGERS[manager]})`, ...stepLines(actions)];
  return [
    `${look.style.green(look.symbols.done)} Stopped the service and took it out (${MANAGERS[manager]})`,
  ];
}

const INSTALLATION = {
  no: "no",
  yes: "yes",
  differs: "yes, with another text than lull would write now",
  foreign: "no: a file of this name is not lull's",
} as const satisfies Record<ServiceReport["installed"], string>;

export function serviceStatusLines(report: ServiceReport, look: Look): readonly string[] {
  const { style, symbols, home, clock } = look;
  const { manager, scope, file, command, lastHeartbeat, lingering } = report;
  const whose = scope === "system" ? "of the system" : "your own";
  const rows: (readonly [string, string])[] = [
    ["manager", manager === "none" ? "none" : `${MANAGERS[manager]}, ${whose}`],
    ["installed", INSTALLATION[report.installed]],
  ];
  if (file !== undefined && report.installed !== "no") rows.push(["file", safeText(shortPath(file, home))]);
  if (command !== undefined) rows.push(["runs", safeText(command.join(" "))]);
  if (report.enabled !== undefined) rows.push(["enabled", report.enabled ? "yes" : "no"]);
  rows.push(["running", running(report, look)]);
  rows.push(["heartbeat", lastHeartbeat === undefined ? "none" : timeAgo(lastHeartbeat, clock)]);
  if (lingering !== undefined) rows.push(["after log-out", lingering ? "runs on" : "stops"]);
  const sign = report.isGood ? style.green(symbols.done) : style.yellow(symbols.attention);
  const verdict = report.isGood
    ? "The service is installed and running"
    : report.manager === "none"
      ? "There is nothing here that could keep a service"
      : "The service is not as it should be";
  return [
    `${sign} ${verdict}`,
    ...wrapColumns(
      rows.map(([title, ...rest]) => [`  ${title}`, ...rest]),
      look.width,
    ),
    ...problemLines(report.problems, look),
  ];
}

function running({ manager, running, state }: ServiceReport, { clock }: Look): string {
  if (running === undefined && manager === "none") return "no";
  if (running === undefined) return state === undefined ? "unknown" : `no (${safeText(state)})`;
  const { pid, since } = running;
  const age = since === undefined ? undefined : Math.max(0, clock.now() - since);
  return [
    "yes",
    ...(pid === undefined ? [] : [`process ${pid}`]),
    ...(age === undefined ? [] : [`for ${formatDuration(Math.floor(age / 1000) * 1000)}`]),
    ...(state === undefined || state === "active" || state === "running" ? [] : [safeText(state)]),
  ].join(", ");
}

function problemLines(
  problems: readonly ServiceProblem[],
  { style, symbols, width }: Look,
): readonly string[] {
  return problems.flatMap(({ what, next }) => [
    ...hangingLines(`${style.yellow(symbols.attention)} `, safeText(what), width),
    ...hangingLines("  ", `Next: ${safeText(next)}`, width),
  ]);
}

function stepLines(actions: readonly ServiceAction[]): readonly string[] {
  return actions.map((action) => `  ${safeText(stepOf(action))}`);
}

function stepOf(action: ServiceAction): string {
  switch (action.kind) {
    case "make-folder":
      return `create the folder ${action.folder}, if it is missing`;
    case "write":
      return `write ${action.file}`;
    case "remove":
      return `remove ${action.file}`;
    case "run":
      return `run: ${action.command.join(" ")}`;
    case "wait-until-fails":
      return `wait until it has ended: ${action.command.join(" ")}`;
  }
}
