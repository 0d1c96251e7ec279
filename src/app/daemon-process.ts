/** The daemon as a process of this machine, for the commands that start and end it. */
export type DaemonOwner = {
  readonly pid: number;
  /** When it took the lock, milliseconds since 1970 UTC. */
  readonly since: number;
};

export type StartedProcess = {
  readonly pid: number;
  /** Settles when it ends, with what it said on stderr. */
  readonly ended: Promise<{ readonly code: number | undefined; readonly stderr: string }>;
};

export type DaemonProcess = {
  /** Who holds the daemon's lock, which no crash leaves behind; undefined: no daemon runs. */
  owner(): DaemonOwner | undefined;
  /** Starts `lull <words>` in the background, free of this terminal. */
  start(words: readonly string[]): StartedProcess;
  /** Never reaches another process that has got the same number meanwhile. */
  signal(owner: DaemonOwner, signal: "SIGTERM" | "SIGKILL"): void;
};
