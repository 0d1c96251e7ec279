/** The whole config file. Unknown keys are mistakes; every key has a default, so every key is optional. */
import * as v from "valibot";

import { parseByteSize } from "../base/byte-size.ts";
import { parseDuration } from "../base/duration.ts";
import { bandwidth, behaviour } from "./behaviour-schemas.ts";
import { logins } from "./login-schema.ts";
import { type source, sources } from "./source-schema.ts";
import { transport } from "./transport-schema.ts";
import {
  described,
  duration,
  flag,
  group,
  secretFile,
  text,
  texts,
  webUrl,
  wholeNumber,
} from "./value-schemas.ts";

const email = v.strictObject({
  host: described(text, "The mail server"),
  port: v.optional(wholeNumber([1, 65_535], "Its port; default: 465, or 587 with `tls: starttls`")),
  tls: v.optional(
    described(
      v.picklist(["implicit", "starttls"]),
      "TLS from the first byte, or by STARTTLS; default: as usual on the port",
    ),
  ),
  user: v.optional(described(text, "The user name there")),
  password_file: v.optional(secretFile),
  from: v.optional(described(text, "The sender; default: the user name")),
  to: v.pipe(
    texts("Who gets the notices"),
    v.check((to) => to.length > 0, "names nobody"),
  ),
});

const webhook = v.pipe(
  v.strictObject({
    url: described(webUrl, "Where the notice is sent"),
    format: v.optional(
      described(v.picklist(["json", "ntfy", "slack", "discord"]), "What the other side reads"),
    ),
    secret_file: v.optional(secretFile),
  }),
  v.check(
    ({ format, secret_file }) =>
      secret_file === undefined || format === undefined || format === "json" || format === "ntfy",
    "has a `secret_file`, but slack and discord know no secret besides the URL",
  ),
);

const notify = group({
  level: v.optional(described(v.picklist(["none", "errors", "problems", "all"]), "What is worth a notice")),
  desktop: v.optional(flag("Whether notices show on the desktop")),
  email: v.optional(described(email, "Notices by mail, over TLS")),
  webhooks: v.optional(described(v.array(webhook), "Notices to other programs")),
  heartbeat: v.optional(
    described(webUrl, "A URL that is called after each good run, for a dead man's switch"),
  ),
});

/** A clone of some gigabytes over a slow line takes hours, a sync that hangs takes for ever. */
const jobDeadline = v.pipe(
  duration,
  v.check(
    (value) => (parseDuration(value) ?? 0) >= 60_000,
    "is shorter than a minute, in which a sync may not end",
  ),
);

/** The runtime alone takes 40 MB, a first clone of a large repository 300. */
const LEAST_MEMORY = 128 * 1024 * 1024;
const jobMemory = v.pipe(
  text,
  v.check((value) => parseByteSize(value) !== undefined, 'is no size such as "1GB"'),
  v.check(
    (value) => (parseByteSize(value) ?? Number.NaN) >= LEAST_MEMORY,
    "is less than 128MB, with which no sync would end",
  ),
);

const daemon = group({
  concurrency: v.optional(wholeNumber([1, 64], "How many sources are synced at once")),
  per_host: v.optional(wholeNumber([1, 64], "How many of them may talk to the same host")),
  deadline: v.optional(described(jobDeadline, "A sync that takes longer is stopped and tried again later")),
  memory: v.optional(described(jobMemory, "A sync that uses more memory is ended: 1GB")),
  log_level: v.optional(
    described(
      v.picklist(["debug", "info", "warn", "error"]),
      "What the daemon's log keeps, and what is graver",
    ),
  ),
  api: v.optional(
    described(
      group({
        enabled: v.optional(flag("Whether the daemon answers on this machine's loopback")),
        port: v.optional(wholeNumber([0, 65_535], "The port; 0 takes any free one")),
      }),
      "The REST interface and the dashboard",
    ),
  ),
  bandwidth: v.optional(
    described(bandwidth, "Limits of all syncs together, in bytes per second; default: none"),
  ),
  retention: v.optional(
    described(
      group({
        history: v.optional(described(duration, "Runs older than this are forgotten")),
        savepoints: v.optional(described(duration, "Savepoints older than this go, except the last ten")),
      }),
      "How long things are kept",
    ),
  ),
});

export const configSchema = v.strictObject({
  version: v.optional(
    described(
      v.literal(1, "is not known to this lull; it reads version 1"),
      "The version of this file's format",
    ),
  ),
  device: v.optional(described(text, "This machine's name; default: the host name")),
  defaults: v.optional(
    described(group(behaviour), "What holds for every source that does not say otherwise"),
  ),
  sources: v.optional(described(v.nullable(sources), "What is kept in sync, by name")),
  notify: v.optional(described(notify, "Who is told about what")),
  daemon: v.optional(described(daemon, "The background process")),
  transport: v.optional(described(transport, "How remotes are reached")),
  logins: v.optional(
    described(v.nullable(logins), "How `lull auth login` logs in in the browser, by host (and port)"),
  ),
});

export type ConfigFile = v.InferOutput<typeof configSchema>;
export type SourceFile = v.InferOutput<typeof source>;
