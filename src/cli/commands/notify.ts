import { defineGroup } from "../command.ts";

export const notifyCommand = defineGroup({
  meta: {
    name: "notify",
    details: [
      "The daemon tells you when a source can not be synced, and when it works again: each once. `notify.level` says what is worth a notice: none, errors (a person has to act), problems (the default: also conflicts, remotes that refuse, guards, no network) or all (also good syncs that moved something).",
      "Channels are `notify.desktop` (true or false), `notify.email` (host, port, tls, user, password_file, from, to; TLS always) and `notify.webhooks` (a list of url, format and secret_file; formats: json, ntfy, slack, discord). `notify.heartbeat` is a URL that is called after each good sync, for a dead man's switch.",
      "A webhook of format json gets a POST of version, id, at, device, level, kind, title, body, text, source, command and paths. With a secret_file it is signed: X-Lull-Signature is `sha256=` and the HMAC-SHA256 of X-Lull-Timestamp, a dot and the body. For ntfy the secret is the access token.",
      "Secrets lie in files of mode 0600; LULL_SMTP_PASSWORD may hold the mail password instead.",
    ],
    examples: [
      { command: "lull notify test", does: "sends a test notice over every channel" },
      { command: "lull notify test --level error", does: "as what needs you at once" },
    ],
  },
  commands: {
    test: {
      summary: "Send a test notice over every channel",
      load: async () => (await import("./notify-test.ts")).notifyTestCommand,
    },
  },
});
