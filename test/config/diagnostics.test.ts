/** What a person reads after a slip in the config: place, line, caret and the nearest word. */
import { describe, expect, test } from "bun:test";

import { problemOf } from "./problem-of.ts";

type Mistake = { readonly name: string; readonly text: string; readonly shown: string };

const MISTAKES: readonly Mistake[] = [
  {
    name: "a misspelt key",
    text: "version: 1\nsources:\n  notes:\n    repo: ~/notes\n    remot: /r\n",
    shown:
      "config.yaml:5:5: unknown key `remot`; did you mean `remote`?\n  5 |     remot: /r\n    |     ^^^^^",
  },
  {
    name: "a key that stands in the wrong place",
    text: "version: 1\nschedule: every 6h\n",
    shown:
      "config.yaml:2:1: unknown key `schedule`; it belongs below `defaults:`, or below one source\n  2 | schedule: every 6h\n    | ^^^^^^^^",
  },
  {
    name: "a misspelt word of a schedule",
    text: "defaults:\n  schedule: dayly at 02:00\n",
    shown:
      'config.yaml:2:13: "dayly at 02:00" is no schedule; did you mean "daily at 02:00"?\n  2 |   schedule: dayly at 02:00\n    |             ^^^^^^^^^^^^^^',
  },
  {
    name: "a wrong strategy for one glob",
    text: 'defaults:\n  conflicts: { "*.md": unoin }\n',
    shown:
      'config.yaml:2:24: `defaults.conflicts."*.md"` can not be "unoin"; did you mean `union`?\n  2 |   conflicts: { "*.md": unoin }\n    |                        ^^^^^',
  },
  {
    name: "a figure instead of a duration",
    text: "defaults:\n\twhen: { idle: 5 }\n".replace("\t", "  "),
    shown:
      'config.yaml:2:17: `defaults.when.idle` must be a duration such as "5m", not 5; write the unit with it: `5s`, `5m` or `5h`\n  2 |   when: { idle: 5 }\n    |                 ^',
  },
  {
    name: "a word instead of true or false",
    text: "sources:\n  a:\n    repo: ~/a\n    enabled: yes\n",
    shown:
      'config.yaml:4:14: `sources.a.enabled` must be true or false, not "yes"; did you mean `true`?\n  4 |     enabled: yes\n    |              ^^^',
  },
  {
    name: "a source without a folder",
    text: "sources:\n  a:\n    remote: /r\n",
    shown:
      "config.yaml:2:3: `sources.a` needs exactly one of `repo`, `settings` and `discover`\n  2 |   a:\n    |   ^",
  },
  {
    name: "a key of another kind of source",
    text: "sources:\n  a:\n    repo: ~/a\n    depth: 2\n",
    shown:
      "config.yaml:4:5: `sources.a.depth` has no meaning for a repo source, only for discover\n  4 |     depth: 2\n    |     ^^^^^",
  },
  {
    name: "a misspelt scheme, the password not shown",
    text: "sources:\n  a: { repo: ~/a, remote: htps://ada:hunter2@h/x }\n",
    shown:
      "config.yaml:2:27: `sources.a.remote` begins with the unknown scheme `htps://`; did you mean `https://`?\n  2 |   a: { repo: ~/a, remote: htps://ada:*******@h/x }\n    |                           ^^^^^^^^^^^^^^^^^^^^^^",
  },
  {
    name: "a version of the future",
    text: "version: 2\n",
    shown:
      "config.yaml:1:10: `version` is not known to this lull; it reads version 1\n  1 | version: 2\n    |          ^",
  },
  {
    name: "a key twice",
    text: "device: a\ndevice: b\n",
    shown: "config.yaml:2:1: this key stands here twice\n  2 | device: b\n    | ^^^^^^",
  },
  {
    name: "a bracket that is not closed",
    text: "sources: {\n",
    shown: "config.yaml:1:10: this { is not closed by a }\n  1 | sources: {\n    |          ^",
  },
  {
    name: "one wrong field of a cron expression",
    text: 'defaults:\n  schedule: "61 * * * *"\n',
    shown:
      'config.yaml:2:14: "61" is no minute of a cron expression (0-59)\n  2 |   schedule: "61 * * * *"\n    |              ^^',
  },
  {
    name: "a wrong field whose figure stands there twice",
    text: 'defaults:\n  schedule: "8 8 * * 8"\n',
    shown:
      'config.yaml:2:13: "8" is no day of week of a cron expression (0-7)\n  2 |   schedule: "8 8 * * 8"\n    |             ^^^^^^^^^^^',
  },
  {
    name: "a cron expression without quotes",
    text: "defaults:\n  schedule: */30 9-18 * * 1-5 # at work\n",
    shown:
      'config.yaml:2:13: a cron expression that begins with * needs quotes: "*/30 9-18 * * 1-5"\n  2 |   schedule: */30 9-18 * * 1-5 # at work\n    |             ^^^^^^^^^^^^^^^^^',
  },
  {
    name: "a cron expression of stars only",
    text: "defaults:\n  schedule: * * * * *\n",
    shown:
      'config.yaml:2:13: a cron expression that begins with * needs quotes: "* * * * *"\n  2 |   schedule: * * * * *\n    |             ^^^^^^^^^',
  },
  {
    name: "a cron expression without quotes among other keys",
    text: "defaults:\n  schedule: { cron: */30 * * * *, jitter: 2m }\n",
    shown:
      'config.yaml:2:21: a cron expression that begins with * needs quotes: "*/30 * * * *"\n  2 |   schedule: { cron: */30 * * * *, jitter: 2m }\n    |                     ^^^^^^^^^^^^',
  },
  {
    name: "cron's own short form",
    text: "defaults:\n  schedule: @daily\n",
    shown:
      'config.yaml:2:13: "@daily" is no schedule; did you mean "daily at 00:00"?\n  2 |   schedule: @daily\n    |             ^^^^^^',
  },
  {
    name: "a tab",
    text: "defaults:\n\tschedule: every 6h\n",
    shown:
      "config.yaml:2:1: this line is indented by a tab; write spaces, as many as the lines beside it have\n  2 |  schedule: every 6h\n    | ^",
  },
  {
    name: "a space too many",
    text: "defaults:\n  watch: true\n   schedule: every 6h\n",
    shown:
      "config.yaml:3:4: the keys of one group begin in the same column: this one in column 4, the one above in 3\n  3 |    schedule: every 6h\n    |    ^^^^^^^^^^^^^^^^^^",
  },
  {
    name: "a space too few",
    text: "defaults:\n  watch: true\n schedule: every 6h\n",
    shown:
      "config.yaml:3:2: the keys of one group begin in the same column: this one in column 2, the one above in 3\n  3 |  schedule: every 6h\n    |  ^^^^^^^^^^^^^^^^^^",
  },
  {
    name: "no space behind the colon",
    text: "defaults:\n  schedule:1h\n  watch: true\n",
    shown: "config.yaml:2:3: a space is missing behind `schedule:`\n  2 |   schedule:1h\n    |   ^^^^^^^^^^^",
  },
  {
    name: "a quote that is not closed",
    text: 'defaults:\n  schedule: "daily at 02:00\n  watch: true\n',
    shown:
      'config.yaml:2:13: this " is not closed by another one\n  2 |   schedule: "daily at 02:00\n    |             ^',
  },
  {
    name: "quotes within quotes",
    text: 'device: "my "own" laptop"\n',
    shown:
      'config.yaml:1:14: the value ended with its quote, but more follows; within quotes write the other kind of quotes\n  1 | device: "my "own" laptop"\n    |              ^^^^^^^^^^^^',
  },
  {
    name: "two keys on one line",
    text: "defaults: schedule: every 6h\n",
    shown:
      "config.yaml:1:11: a second key on one line; put it on a line of its own, or the value in quotes\n  1 | defaults: schedule: every 6h\n    |           ^",
  },
  {
    name: "a line that is no key",
    text: "device: x\nhello\ndefaults: {}\n",
    shown: "config.yaml:2:1: this line is no `key: value`\n  2 | hello\n    | ^^^^^",
  },
  {
    name: "a list below a value",
    text: "defaults:\n  schedule: every 6h\n  - daily at 02:00\n",
    shown:
      "config.yaml:3:1: this list has no key of its own: the line above has a value already\n  3 |   - daily at 02:00\n    | ^",
  },
  {
    name: "a duration for watch",
    text: "defaults: { watch: 5s }\n",
    shown:
      'config.yaml:1:20: `defaults.watch` must be true or false or a group of keys, not "5s"; did you mean `{ quiet: 5s }`?\n  1 | defaults: { watch: 5s }\n    |                    ^^',
  },
];

describe("a mistake shows where it is and what was meant", () => {
  for (const { name, text, shown } of MISTAKES) {
    test(name, () => {
      const error = problemOf(text);
      expect(error.causes[0]).toBe(shown);
      expect([error.kind, error.code]).toEqual(["config", "CONFIG_INVALID"]);
      expect(error.hint).toContain("lull config check");
    });
  }
});

test("every mistake of the file is named at once, in the order of the file", () => {
  const error = problemOf(
    "foo: 1\nsources:\n  a:\n    reop: ~/a\n    remte: /r\n    enabled: 3\ndaemon: 5\n",
  );
  expect(error.message).toBe("5 mistakes in config.yaml, the first in line 1");
  expect(error.causes.map((cause) => cause.split(": ")[0])).toEqual([
    "config.yaml:1:1",
    "config.yaml:4:5",
    "config.yaml:5:5",
    "config.yaml:6:14",
    "config.yaml:7:9",
  ]);
});

test("of a hundred mistakes ten are shown", () => {
  const keys = Array.from({ length: 100 }, (_, index) => `key${index}: 1\n`).join("");
  const error = problemOf(`daemon:\n${keys.replaceAll(/^/gm, "  ").trimEnd()}\n`);
  expect(error.causes).toHaveLength(10);
});

const REFUSED: Readonly<Record<string, readonly [string, string]>> = {
  "a number that is none": ["defaults: { when: { load: .nan } }", "must be a number, not NaN"],
  "a number without end": ["defaults: { when: { load: .inf } }", "must be a finite number"],
  "a negative load": ["defaults: { when: { load: -1 } }", "must not be negative"],
  "half a worker": ["daemon: { concurrency: 1.5 }", "must be a whole number from 1 to 64"],
  "no bandwidth at all": ["daemon: { bandwidth: { upload: 0MB/s } }", "is 0, which would stop every sync"],
  "a bandwidth in horses": ["daemon: { bandwidth: { upload: 3hp } }", "is no rate"],
  "a duration in moons": ["defaults: { when: { idle: 3moons } }", "is no duration"],
  "a list where a group belongs": ["daemon: []", "`daemon` must be a group of keys, not a list"],
  "a group where a text belongs": ["device: {}", "`device` must be a text, not a group of keys"],
  "nothing where a text belongs": ["device:", "`device` must be a text, not empty"],
  "an empty text": ['device: ""', "`device` must not be empty"],
  "a form that no alternative has": [
    "defaults: { schedule: 5 }",
    "must be a text or a group of keys or a list, not 5",
  ],
  "an object for a strategy": [
    "defaults: { conflicts: [] }",
    "must be a text or a group of keys, not a list",
  ],
  "a strategy that resembles none": ["defaults: { conflicts: mine }", "one of keep-both, newest, ours"],
  "a number for a strategy": ["defaults: { conflicts: { a: 5 } }", "must be a text, not 5"],
  "a schedule that is a list of nothing": ["defaults: { schedule: [] }", "is an empty list"],
  "manual beside others": ["defaults: { schedule: [every 6h, manual] }", "`manual` stands alone"],
  "two forms in one schedule": ["defaults: { schedule: { every: 6h, cron: '0 0 * * *' } }", "exactly one of"],
  "an interval as cron": ["defaults: { schedule: { cron: every 6h } }", "cron has five"],
  "cron as a time": ["defaults: { schedule: { at: '0 0 * * *' } }", "names no time of day"],
  "an interval that is too short": ["defaults: { schedule: { every: 1s } }", "at least 10s"],
  "an unknown time zone": [
    "defaults: { schedule: { every: 6h, timezone: Rome/Europe } }",
    '"Rome/Europe" is no time zone; write a place such as "Europe/Rome", or "UTC"',
  ],
  "a misspelt time zone": [
    "defaults: { schedule: { every: 6h, timezone: europe/roma } }",
    'did you mean "Europe/Rome"?',
  ],
  "a city as a time zone": [
    "defaults: { schedule: { every: 6h, timezone: New York } }",
    'did you mean "America/New_York"?',
  ],
  "the time zone of this machine": [
    "defaults: { schedule: { every: 6h, timezone: local } }",
    "leave it out for this machine's own",
  ],
  "a day that no month has": [
    'sources: { a: { repo: /a, schedule: "0 0 30 2 *" } }',
    'never fires: February has no 30th; write "0 0 L 2 *" for the last day',
  ],
  "an unknown placeholder": ['defaults: { message: "{dat}" }', "unknown placeholder {dat}"],
  "a share in percent": ["defaults: { when: { load: 80% } }", "write 0.8 for 80 % of each core"],
  "a network as a key": ["defaults: { when: { wifi: home } }", "write `network: wifi`"],
  "a battery as a key": [
    "defaults: { when: { battery: 30 } }",
    'write `power: mains` or `power: "battery >= 30%"`',
  ],
  "an interval of the daemon": ["daemon: { interval: 5m }", "said by `defaults.schedule`"],
  "a bracket too many": ["device: }", "this bracket closes nothing"],
  "a tag": ["device: !mine x", "tags (`!…`) are not used"],
  "a key that is a list": ["[a]: 1", "a key must be a word"],
  "a key that is a truth": ["true: 1", "a key must be a word"],
  "a key of JavaScript": ["constructor: 1", "the key constructor is not allowed"],
  "an address for a folder": ["sources: { a: { repo: https://h/x } }", "the address belongs to `remote`"],
  "the home of somebody else": ["sources: { a: { repo: ~bob/x } }", "the home of another user"],
  "remote and remotes": ["sources: { a: { repo: /a, remote: /r, remotes: [/s] } }", "has both"],
  "two kinds at once": ["sources: { a: { repo: /a, discover: /b } }", "needs exactly one of"],
  "branches of settings": ["sources: { a: { settings: {}, branches: [x] } }", "only for repo and discover"],
  "files of a repo": ["sources: { a: { repo: /a, files: [] } }", "no meaning for a repo source"],
  "exclude of a repo": ["sources: { a: { repo: /a, exclude: [] } }", "no meaning for a repo source"],
  "two remotes alike": [
    "sources: { a: { repo: /a, remotes: [/r, { name: origin, url: /s }] } }",
    "two remotes alike",
  ],
  "a remote's name that is no ref": [
    "sources: { a: { repo: /a, remotes: { a..b: /r } } }",
    "is no name for a remote",
  ],
  "a source's name with a slash": ["sources: { a/b: { repo: /a } }", "is no name for a source"],
  "a mail without receiver": ["notify: { email: { host: h } }", "`notify.email.to` is missing"],
  "a mail to nobody": ["notify: { email: { host: h, to: [] } }", "`notify.email.to` names nobody"],
  "a secret for Slack": [
    "notify: { webhooks: [{ url: https://h/x, format: slack, secret_file: /k }] }",
    "`notify.webhooks.0` has a `secret_file`, but slack and discord know no secret besides the URL",
  ],
  "a webhook that is no URL": ["notify: { webhooks: [{ url: h/x }] }", "`notify.webhooks.0.url` is no http"],
  "a list of sources": ["- a\n- b", "the file must hold `key: value` lines"],
  "a very long text": [`device: ${"x".repeat(5000)}`, "is longer than 4096 characters"],
  "an unknown control in a URL": ['sources: { a: { repo: /a, remote: "/r\\n" } }', "holds a line break"],
};

describe("refused, with the reason:", () => {
  for (const [name, [text, reason]] of Object.entries(REFUSED)) {
    test(name, () => {
      const error = problemOf(`${text}\n`);
      expect(error.message).toContain(reason);
      expect(error.causes).toHaveLength(1);
    });
  }
});

describe("secrets do not show in the line of a mistake", () => {
  const hidden: Readonly<Record<string, string>> = {
    "behind a password's key": "notify: { passwrod: 1, password: hunter2 }\n",
    "as a value that YAML takes for an alias": "notify:\n  password: *hunter2\n",
    "as an alias anywhere": "device: *hunter2\n",
    "on lines of their own": "notify:\n  token: |\n    hunter2\n  foo: 1\n",
    "in a list": "notify:\n  api_key: [a,\n    hunter2, b: c: d]\n",
    "as the user of a URL": "sources: { a: { repo: /a, remte: https://hunter2@h/x } }\n",
    "as the password of a URL": "sources: { a: { repo: /a, remte: ssh://ada:hunter2@h/x } }\n",
    "as a value of the wrong type": "notify: { email: { host: h, to: x, password_file: { hunter2: 1 } } }\n",
    "in a text that is no YAML": "password: hunter2: {\n",
  };
  for (const [name, text] of Object.entries(hidden)) {
    test(name, () => {
      const error = problemOf(text);
      const said = [error.message, ...error.causes].join("\n");
      expect(said).not.toContain("hunter2");
      expect(said).toContain("config.yaml:");
    });
  }
});

test("of a line without end only what stands around the place is shown", () => {
  const error = problemOf(
    `{ device: x, ${"sources: {}, ".padEnd(13)}daemon: { ${" ".repeat(900)}foo: 1 } }\n`,
  );
  const [, line = "", caret = ""] = (error.causes[0] ?? "").split("\n");
  expect(line.length).toBeLessThan(180);
  expect(line.slice(caret.indexOf("^"), caret.lastIndexOf("^") + 1)).toBe("foo");
});

test("the line keeps its columns under tabs and control characters are made visible", () => {
  const error = problemOf("device: x # \u009b31m\tred\nfoo: 1\n");
  expect(error.causes.join("")).not.toContain("\u009b");
  expect(problemOf("foo:\t1\n").causes[0]).toContain("  1 | foo: 1\n    | ^^^");
});
