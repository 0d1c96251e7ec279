/** Who restores under a running app is told, and not kept from it. */
import { expect, test } from "bun:test";

import { wentBackLines } from "../../../src/cli/print/savepoints.ts";
import { adoptedLines } from "../../../src/cli/print/adoption.ts";
import { createStyle, symbolsFor } from "../../../src/cli/style.ts";
import { settingsHome, type SettingsHome } from "../../helpers/settings-home.ts";
import { benchRemote } from "../../helpers/sync-bench.ts";

function pair(): { a: SettingsHome; b: SettingsHome; asked: () => number } {
  const remote = benchRemote();
  let asked = 0;
  const home = (device: string): SettingsHome => {
    const made = settingsHome({ device, remote, files: [], more: ["apps: [htop, zsh]"] });
    const processNames = async (): Promise<ReadonlySet<string>> => {
      asked++;
      return new Set(["htop", "zsh"]);
    };
    Object.assign(made.deps.settings, {
      processNames,
      machine: { ...made.deps.settings.machine, system: "linux" },
    });
    return made;
  };
  return { a: home("laptop"), b: home("desktop"), asked: () => asked };
}

const HTOP = {
  id: "htop",
  name: "htop",
  hint: "Quit htop first, it writes its settings when it ends.",
  files: ["~/.config/htop/htoprc"],
};
const LINE =
  "! htop is running and may overwrite ~/.config/htop/htoprc: Quit htop first, it writes its settings when it ends.";

test("restore names the app that runs, in a dry run too, and restores all the same", async () => {
  const { a } = pair();
  a.write(".config/htop/htoprc", "good\n");
  a.write(".zshrc", "good\n");
  await a.sync();
  a.write(".config/htop/htoprc", "bad\n");
  a.write(".zshrc", "bad\n");
  expect((await a.restore([], { dryRun: true })).running).toEqual([HTOP]);
  const done = await a.restore();
  expect([done.running, a.read(".config/htop/htoprc")]).toEqual([[HTOP], "good\n"]);
  const style = createStyle(false);
  const look = {
    style,
    symbols: symbolsFor({ LANG: "C.UTF-8" }),
    clock: a.clock,
    width: undefined,
    home: a.home,
  };
  expect(wentBackLines(done, { kind: "restore", verbose: false }, look)).toContain(LINE);
  expect((await a.undo()).running).toEqual([HTOP]);
});

test("nobody asks who runs when nothing of such an app is written", async () => {
  const { a, asked } = pair();
  a.write(".config/htop/htoprc", "good\n");
  a.write(".zshrc", "good\n");
  await a.sync();
  a.write(".zshrc", "bad\n");
  expect((await a.restore()).running).toEqual([]);
  expect(asked()).toBe(0);
});

test("adopt names it for what would be taken, and not for what is kept", async () => {
  const { a, b } = pair();
  a.write(".config/htop/htoprc", "laptop's\n");
  b.write(".config/htop/htoprc", "desktop's\n");
  await a.sync();
  const seen = await b.adopt(() => undefined, true);
  expect(seen.running).toEqual([HTOP]);
  expect((await b.adopt(() => "local", true)).running).toEqual([]);
  const taken = await b.adopt(() => "remote");
  expect([taken.running, b.read(".config/htop/htoprc")]).toEqual([[HTOP], "laptop's\n"]);
  const style = createStyle(false);
  const look = {
    style,
    symbols: symbolsFor({ LANG: "C.UTF-8" }),
    clock: b.clock,
    width: undefined,
    home: b.home,
  };
  expect(adoptedLines(taken, look)).toContain(LINE);
});
