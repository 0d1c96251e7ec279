/** What concerns lull as a whole and no single source: notices, the daemon. Pure. */
import { parseByteSize } from "../base/byte-size.ts";
import type { DaemonConfig, EmailConfig, NotifyConfig } from "./config.ts";
import { DEFAULTS } from "./defaults.ts";
import { list, milliseconds, resolveBandwidth } from "./resolve-behaviour.ts";
import { expandPath } from "./resolve-path.ts";
import type { ConfigFile } from "./schema.ts";

export function resolveNotify(given: ConfigFile["notify"], home: string): NotifyConfig {
  return {
    level: given?.level ?? DEFAULTS.notify.level,
    desktop: given?.desktop ?? DEFAULTS.notify.desktop,
    email: given?.email === undefined ? undefined : resolveEmail(given.email, home),
    webhooks: (given?.webhooks ?? []).map((webhook) => ({
      url: webhook.url,
      format: webhook.format ?? DEFAULTS.webhook.format,
      secretFile: optionalPath(webhook.secret_file, home),
    })),
    heartbeat: given?.heartbeat,
  };
}

type EmailFile = NonNullable<NonNullable<ConfigFile["notify"]>["email"]>;

/** RFC 6409. */
const STARTTLS_PORT = 587;

function resolveEmail(given: EmailFile, home: string): EmailConfig {
  return {
    host: given.host,
    port: given.port ?? (given.tls === "starttls" ? STARTTLS_PORT : DEFAULTS.email.port),
    tls:
      given.tls ?? (given.port === undefined || given.port === DEFAULTS.email.port ? "implicit" : "starttls"),
    user: given.user,
    passwordFile: optionalPath(given.password_file, home),
    from: given.from,
    to: list(given.to),
  };
}

export function resolveDaemon(given: ConfigFile["daemon"]): DaemonConfig {
  const { api, retention } = DEFAULTS.daemon;
  return {
    ...resolveLimits(given),
    api: { enabled: given?.api?.enabled ?? api.enabled, port: given?.api?.port ?? api.port },
    bandwidth: resolveBandwidth(given?.bandwidth),
    retention: {
      historyMs: milliseconds(given?.retention?.history ?? retention.history),
      savepointsMs: milliseconds(given?.retention?.savepoints ?? retention.savepoints),
    },
  };
}

type Limits = Omit<DaemonConfig, "api" | "bandwidth" | "retention">;

function resolveLimits(given: ConfigFile["daemon"]): Limits {
  const { daemon } = DEFAULTS;
  return {
    concurrency: given?.concurrency ?? daemon.concurrency,
    perHost: given?.per_host ?? daemon.per_host,
    deadlineMs: milliseconds(given?.deadline ?? daemon.deadline),
    memory: parseByteSize(given?.memory ?? daemon.memory) ?? 0,
    logLevel: given?.log_level ?? daemon.log_level,
  };
}

function optionalPath(path: string | undefined, home: string): string | undefined {
  return path === undefined ? undefined : expandPath(path, home);
}
