/** Tells systemd how the daemon stands (sd_notify(3)); does nothing where no service manager listens. */

/** None of them throws or waits: a manager that does not listen is no reason to stop. */
export type ServiceNotifier = {
  /** Whether anybody listens. */
  readonly isManaged: boolean;
  /** The daemon works now: after its start and after each reload. */
  ready(): void;
  /** One line for `systemctl status`: "3 sources, next sync at 14:05". */
  status(text: string): void;
  /** A reload begins; `ready` ends it. */
  reloading(): void;
  /** The daemon is ending by itself or was asked to. */
  stopping(): void;
  /** How often `alive` is to be called, half of what the manager allows; undefined: it does not watch. */
  readonly watchdogIntervalMs: number | undefined;
  alive(): void;
};
