/** The config file on disk: reads give what holds, writes happen whole, checked and only where nobody came in between. */
import { expect, test } from "bun:test";
import { lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { ConfigEditor } from "../../src/config/config-editor.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { thrown } from "./problem-of.ts";

const TEXT = `version: 1
# mine
defaults: { message: "{date}", when: { idle: 5m } }
sources:
  notes:
    repo: ~/notes
    schedule: { cron: "0 * * * *" }
  my.code: { discover: ~/code }
`;

type Placed = {
  readonly editor: ConfigEditor;
  readonly file: string;
  readonly checked: string[];
  readonly text: () => string;
};

/** @param meanwhile called before each read, with the number of the read */
function placed(
  text: string | undefined,
  meanwhile: (read: number, file: string) => void = () => {},
): Placed {
  const file = join(temporaryDirectory(), "lull", "config.yaml");
  const checked: string[] = [];
  if (text !== undefined) {
    mkdirSync(dirname(file));
    writeFileSync(file, text, { mode: 0o600 });
  }
  const editor = new ConfigEditor({
    file,
    home: "/home/me",
    device: "laptop",
    assertPrivate: (path) => {
      meanwhile(checked.push(path), file);
    },
  });
  return { editor, file, checked, text: () => readFileSync(file, "utf8") };
}

test("a first file is made once, private, and valid", () => {
  const { editor, file, text } = placed(undefined);
  expect(editor.exists()).toBe(false);
  expect(thrown(() => editor.load()).code).toBe("CONFIG_MISSING");
  editor.create({ device: "desk" });
  const first = text();
  expect([statSync(file).mode & 0o777, statSync(dirname(file)).mode & 0o777]).toEqual([0o600, 0o700]);
  editor.create({ device: "other" });
  expect(text()).toBe(first);
  expect(editor.load().config.device).toBe("desk");
});

test("sources are added and removed, and the file is checked for privacy before every read", () => {
  const { editor, checked, text } = placed(TEXT);
  editor.addSource("dots", { repo: "~/dots", remote: "/r" }, { dryRun: true });
  expect(text()).toBe(TEXT);
  editor.addSource("dots", { repo: "~/dots", remote: "/r" }, { dryRun: false });
  expect(editor.load().config.sources.map(({ name }) => name)).toEqual(["notes", "my.code", "dots"]);
  editor.removeSource("dots");
  expect(text()).toBe(TEXT);
  expect(checked.length).toBe(6);
});

test("get gives what the file says, else what holds without it", () => {
  const { editor } = placed(TEXT);
  const got = (path: string) => editor.get(path);
  expect(got("version")).toBe(1);
  expect(got("sources.notes.repo")).toBe("~/notes");
  expect(got('sources."my.code".discover')).toBe("~/code");
  expect(got("device")).toBe("laptop");
  expect(got("daemon.concurrency")).toBe(3);
  expect(got("daemon")).toMatchObject({ concurrency: 3 });
  expect(got("daemon.bandwidth.upload")).toBeUndefined();
  expect(got("notify.email.port")).toBe(465);
  expect(got("transport.ssh")).toBe("auto");
  expect(got("sources.notes.transport.ssh")).toBe("auto");
  expect(got("defaults.schedule")).toBe("every 6h");
  expect(got("sources.notes.schedule")).toEqual({ cron: "0 * * * *" });
  expect(got("sources.notes.schedule.jitter")).toBe("0s");
  expect(got("sources.notes.schedule.timezone")).toBeUndefined();
  expect(got('sources."my.code".schedule')).toBe("every 6h");
  expect(got('sources."my.code".depth')).toBe(3);
  expect(got("sources.notes.depth")).toBeUndefined();
  expect(got("sources.notes.message")).toBe("{date}");
  expect(got("sources.notes.when.idle")).toBe("5m");
  expect(got("sources.notes.direction")).toBe("both");
  expect(got("sources.notes.watch")).toBe(false);
});

test("get of what can not be says which word was meant", () => {
  const { editor } = placed(TEXT);
  const hint = (path: string) => thrown(() => editor.get(path)).hint;
  expect(thrown(() => editor.get("devise"))).toMatchObject({ kind: "usage", code: "UNKNOWN_CONFIG_PATH" });
  expect(hint("devise")).toContain("`device`");
  expect(hint("sources.nots.repo")).toContain("`notes`");
  expect(hint("sources.nots")).toContain("`notes`");
  expect(hint("sources.notes.remot")).toContain("`remote`");
  expect(hint("daemon.api.prot")).toContain("`port`");
  for (const path of ["", ".", "a..b.", "__proto__.x", "device.x", "sources.notes.when.x.y"])
    expect(thrown(() => editor.get(path)).code).toBe("UNKNOWN_CONFIG_PATH");
});

test("what has names of the person's own can be given a first one", () => {
  const { editor } = placed(TEXT);
  expect(editor.get('logins."git.example.com"')).toBeUndefined();
  editor.set('logins."git.example.com".client_id', "abc", { dryRun: false });
  expect(editor.get('logins."git.example.com"')).toEqual({ client_id: "abc" });
  expect(thrown(() => editor.get('logins."git.example.com".clientid'))).toMatchObject({
    hint: "did you mean `client_id`?",
  });
});

test("set writes what was checked, and nothing in a dry run or for a value that is refused", () => {
  const { editor, text } = placed(TEXT);
  expect(editor.set("sources.notes.message", "{summary}", { dryRun: true })).toBe("{summary}");
  expect(thrown(() => editor.set("sources.notes.depth", "2", { dryRun: false })).code).toBe("CONFIG_INVALID");
  expect(thrown(() => editor.set("sources.notes.schedule", "evry 6h", { dryRun: false })).message).toContain(
    'did you mean "every 6h"?',
  );
  expect(text()).toBe(TEXT);
  expect(editor.set("sources.notes.schedule", "*/30 * * * *", { dryRun: false })).toBe("*/30 * * * *");
  expect(editor.get("sources.notes.schedule")).toBe("*/30 * * * *");
  expect(text()).toContain("# mine\n");
});

test("a change that came in between is not overwritten", () => {
  const { editor, text } = placed(TEXT, (read, file) => {
    if (read === 2) writeFileSync(file, `${TEXT}# theirs\n`);
  });
  const error = thrown(() => editor.set("device", "desk", { dryRun: false }));
  expect(error).toMatchObject({ kind: "failed", code: "CONFIG_CHANGED" });
  expect(text()).toBe(`${TEXT}# theirs\n`);
});

test("a linked config stays a link, and its target keeps its mode", () => {
  const { editor, file, text } = placed(undefined);
  const target = join(temporaryDirectory(), "config.yaml");
  writeFileSync(target, TEXT, { mode: 0o640 });
  mkdirSync(dirname(file));
  symlinkSync(target, file);
  editor.set("device", "desk", { dryRun: false });
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  expect([readFileSync(target, "utf8"), statSync(target).mode & 0o777]).toEqual([text(), 0o640]);
  expect(text()).toContain("device: desk");
});

test("the byte order mark of another editor is read over and kept", () => {
  const { editor, text } = placed(`\uFEFF${TEXT}`);
  expect(editor.load().config.sources).toHaveLength(2);
  editor.set("version", "1", { dryRun: false });
  expect(text()).toBe(`\uFEFF${TEXT}`);
});
