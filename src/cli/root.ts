import type { CommandTable } from "./command.ts";

/** All commands in the order of the help. Each is loaded only when it is run or its own help is shown. */
export const COMMANDS = {
  init: {
    summary: "Set lull up and take in the first folder",
    load: async () => (await import("./commands/init.ts")).initCommand,
  },
  add: {
    summary: "Take in a folder as a source",
    load: async () => (await import("./commands/add.ts")).addCommand,
  },
  remove: {
    summary: "Take a source out of the config; its files stay",
    aliases: ["rm"],
    load: async () => (await import("./commands/remove.ts")).removeCommand,
  },
  list: {
    summary: "List the sources",
    aliases: ["ls"],
    load: async () => (await import("./commands/list.ts")).listCommand,
  },
  sync: {
    summary: "Bring sources and their remotes together now",
    load: async () => (await import("./commands/sync.ts")).syncCommand,
  },
  status: {
    summary: "Show how each source stands",
    load: async () => (await import("./commands/status.ts")).statusCommand,
  },
  why: {
    summary: "Tell why a source did or did not sync",
    load: async () => (await import("./commands/why.ts")).whyCommand,
  },
  schedule: {
    summary: "Show when each source is due next",
    load: async () => (await import("./commands/schedule.ts")).scheduleCommand,
  },
  diff: {
    summary: "Show what the next sync would commit, send and receive",
    load: async () => (await import("./commands/diff.ts")).diffCommand,
  },
  log: {
    summary: "Show the history of syncs, or of changes",
    aliases: ["history"],
    load: async () => (await import("./commands/log.ts")).logCommand,
  },
  savepoints: {
    summary: "Show the states that a source can be taken back to",
    load: async () => (await import("./commands/savepoints.ts")).savepointsCommand,
  },
  undo: {
    summary: "Take back what the last sync did to the files",
    load: async () => (await import("./commands/undo.ts")).undoCommand,
  },
  rollback: {
    summary: "Make a source, or part of it, as it was",
    load: async () => (await import("./commands/rollback.ts")).rollbackCommand,
  },
  restore: {
    summary: "Bring files back as they were, deleted ones too",
    load: async () => (await import("./commands/restore.ts")).restoreCommand,
  },
  verify: {
    summary: "Check everything: objects, branches, files and remotes",
    load: async () => (await import("./commands/verify.ts")).verifyCommand,
  },
  daemon: {
    summary: "Run lull in the background, or in this terminal with its story",
    load: async () => (await import("./commands/daemon.ts")).daemonCommand,
  },
  logs: {
    summary: "Show what the daemon did and why it waited",
    load: async () => (await import("./commands/logs.ts")).logsCommand,
  },
  stats: {
    summary: "Show figures over many syncs: success, durations, amounts",
    load: async () => (await import("./commands/stats.ts")).statsCommand,
  },
  conflicts: {
    summary: "Show the files that two devices changed at once",
    load: async () => (await import("./commands/conflicts.ts")).conflictsCommand,
  },
  apps: {
    summary: "Find apps whose settings can be gathered, and choose them",
    load: async () => (await import("./commands/apps.ts")).appsCommand,
  },
  adopt: {
    summary: "Compare a new machine's settings with the gathered ones",
    load: async () => (await import("./commands/adopt.ts")).adoptCommand,
  },
  resolve: {
    summary: "Decide which version of a file in conflict stays",
    load: async () => (await import("./commands/resolve.ts")).resolveCommand,
  },
  device: {
    summary: "Show, rename and forget the devices that take part",
    load: async () => (await import("./commands/device.ts")).deviceCommand,
  },
  pause: {
    summary: "Let sources rest for a while",
    load: async () => (await import("./commands/pause.ts")).pauseCommand,
  },
  resume: {
    summary: "End a pause",
    load: async () => (await import("./commands/resume.ts")).resumeCommand,
  },
  allow: {
    summary: "Let through what a guard stopped or left out",
    load: async () => (await import("./commands/allow.ts")).allowCommand,
  },
  maintain: {
    summary: "Tidy up the repositories of sources: pack, expire, sweep",
    load: async () => (await import("./commands/maintain.ts")).maintainCommand,
  },
  service: {
    summary: "Have the system start the daemon: install, uninstall, status",
    load: async () => (await import("./commands/service.ts")).serviceCommand,
  },
  auth: {
    summary: "Log in to the hosts of remotes, and see which login is used",
    load: async () => (await import("./commands/auth.ts")).authCommand,
  },
  secret: {
    summary: "Store, show and remove secrets by name",
    load: async () => (await import("./commands/secret.ts")).secretCommand,
  },
  config: {
    summary: "Show, change and check the config file",
    load: async () => (await import("./commands/config.ts")).configCommand,
  },
  notify: {
    summary: "Try out how lull tells you of problems",
    load: async () => (await import("./commands/notify.ts")).notifyCommand,
  },
  demo: {
    summary: "Watch two simulated devices sync, in a temporary folder",
    load: async () => (await import("./commands/demo.ts")).demoCommand,
  },
  version: {
    summary: "Show the version",
    load: async () => (await import("./commands/version.ts")).versionCommand,
  },
  help: {
    summary: "Show the help of lull or of a command",
    load: async () => (await import("./commands/help.ts")).helpCommand,
  },
} as const satisfies CommandTable;
