/** Preferences of macOS, by a stand-in for its `defaults`: gathered, restored, adopted and taken back like files. */
import { expect, test } from "bun:test";
import { join } from "node:path";

import { benchRemote } from "../../helpers/sync-bench.ts";
import { settingsHome, type SettingsHome } from "../../helpers/settings-home.ts";
import { git } from "../../helpers/system-git.ts";
import { standInDefaults, type StandInDefaults } from "../../settings/preferences/stand-in-defaults.ts";

const DOMAIN = "com.colliderli.iina";
const NAME = `apps/iina/macos-preferences/${DOMAIN}.plist`;
const volume = (value: number): readonly string[] => ["<key>Volume</key>", `<real>${value}</real>`];
const frame = (value: string): readonly string[] => [
  "<key>NSWindow Frame a</key>",
  `<string>${value}</string>`,
];

type Mac = SettingsHome & { readonly defaults: StandInDefaults };

function mac(device: string, remote: string, mode: "backup" | "two-way" = "backup"): Mac {
  const home = settingsHome({ device, remote, files: [], mode, more: ["apps: [iina, zsh]"] });
  const { settings, places } = home.deps;
  const defaults = standInDefaults(join(places.stateDirectory, "preferences"));
  const machine = { ...settings.machine, system: "macos" };
  Object.assign(settings, { machine, preferences: defaults.means, processNames: async () => undefined });
  return { ...home, defaults };
}

test("preferences are gathered; what changes by itself makes no commit", async () => {
  const remote = benchRemote();
  const a = mac("laptop", remote);
  a.defaults.set(DOMAIN, ...frame("1"), ...volume(1));
  expect(await a.sync()).toMatchObject({ outcome: "synced", gathered: { added: 1 } });
  expect(git(remote, "show", `main:${NAME}`)).toContain("<real>1</real>");
  expect(git(remote, "show", `main:${NAME}`)).not.toContain("NSWindow");
  a.defaults.set(DOMAIN, ...frame("2"), ...volume(1));
  expect(await a.sync()).toMatchObject({ outcome: "up-to-date" });
  a.defaults.set(DOMAIN, ...frame("2"), ...volume(2));
  expect(await a.sync()).toMatchObject({ outcome: "synced", gathered: { updated: 1 } });
});

test("a restore goes on to the system, a dry run does not, and an undo takes it back", async () => {
  const a = mac("laptop", benchRemote());
  a.defaults.set(DOMAIN, ...frame("1"), ...volume(1));
  await a.sync();
  a.defaults.set(DOMAIN, ...frame("2"), ...volume(9));
  const [file] = (await a.restore(["iina"], { dryRun: true })).files;
  expect([file?.path.endsWith(`/iina/${DOMAIN}.plist`), file?.change]).toEqual([true, "changed"]);
  expect(a.defaults.calls("import")).toBe(0);
  expect((await a.restore(["iina"])).files).toHaveLength(1);
  expect(a.defaults.get(DOMAIN)).toEqual([...frame("2"), ...volume(1)]);
  expect(await a.sync()).toMatchObject({ outcome: "up-to-date" });
  await a.undo();
  expect(a.defaults.get(DOMAIN)).toEqual([...frame("2"), ...volume(9)]);
});

test("adopt on another Mac compares with what the system has, and takes it over", async () => {
  const remote = benchRemote();
  const [a, b] = [mac("laptop", remote), mac("desktop", remote)];
  a.defaults.set(DOMAIN, ...volume(1));
  await a.sync();
  b.defaults.set(DOMAIN, ...frame("b"), ...volume(2));
  const seen = await b.adopt(() => undefined, true);
  expect(seen.different.map(({ app }) => app)).toEqual(["iina"]);
  expect((await b.adopt(() => "remote")).taken).toHaveLength(1);
  expect(b.defaults.get(DOMAIN)).toEqual([...frame("b"), ...volume(1)]);
  expect(await b.sync()).toMatchObject({ outcome: "up-to-date" });
});

test("two-way: a change of one Mac reaches the other", async () => {
  const remote = benchRemote();
  const [a, b] = [mac("laptop", remote, "two-way"), mac("desktop", remote, "two-way")];
  a.defaults.set(DOMAIN, ...volume(1));
  await a.sync();
  await b.sync();
  expect(b.defaults.get(DOMAIN)).toEqual(volume(1));
  b.defaults.set(DOMAIN, ...volume(2));
  await b.sync();
  await a.sync();
  expect(a.defaults.get(DOMAIN)).toEqual(volume(2));
  for (const home of [a, b, a]) expect(await home.sync()).toMatchObject({ outcome: "up-to-date" });
});

test("a domain that can not be exported or imported is named; its copy stays, and other files are restored", async () => {
  const remote = benchRemote();
  const a = mac("laptop", remote);
  a.defaults.set(DOMAIN, ...volume(1));
  a.write(".zshrc", "good\n");
  await a.sync();
  a.defaults.set(DOMAIN, ...volume(2));
  const { means } = a.defaults;
  // Exports go well until the restore is about to import.
  let exports = 0;
  const runProgram: typeof means.runProgram = async (command, options) => {
    if (command[1] === "export" && ++exports > 1) a.defaults.breakFor(DOMAIN);
    return means.runProgram(command, options);
  };
  Object.assign(a.deps.settings, { preferences: { ...means, runProgram } });
  a.write(".zshrc", "bad\n");
  const done = await a.restore();
  expect(done.refused?.map(({ reason }) => reason)).toEqual([
    `${means.program} could not export the preferences of ${DOMAIN}: it ended with 1`,
  ]);
  expect([a.read(".zshrc"), a.defaults.get(DOMAIN)]).toEqual(["good\n", volume(2)]);
  const next = await a.sync();
  expect(next.skippedPaths).toEqual([
    expect.objectContaining({ reason: expect.stringContaining("could not export") }),
  ]);
  expect(git(remote, "show", `main:${NAME}`)).toContain("<real>1</real>");
});

test("what was set since the restore was planned stays", async () => {
  const a = mac("laptop", benchRemote());
  a.defaults.set(DOMAIN, ...volume(1));
  await a.sync();
  a.defaults.set(DOMAIN, ...volume(2));
  const { means } = a.defaults;
  let exports = 0;
  const runProgram: typeof means.runProgram = async (command, options) => {
    if (command[1] === "export" && ++exports > 1) a.defaults.set(DOMAIN, ...volume(3));
    return means.runProgram(command, options);
  };
  Object.assign(a.deps.settings, { preferences: { ...means, runProgram } });
  const done = await a.restore();
  expect([done.files, done.refused?.map(({ reason }) => reason)]).toEqual([[], ["it changed meanwhile"]]);
  expect(a.defaults.get(DOMAIN)).toEqual(volume(3));
});

test("an app that is gone from this Mac keeps its copy", async () => {
  const remote = benchRemote();
  const a = mac("laptop", remote);
  a.defaults.set(DOMAIN, ...volume(1));
  await a.sync();
  a.defaults.set(DOMAIN);
  expect(await a.sync()).toMatchObject({ outcome: "up-to-date" });
  expect(git(remote, "show", `main:${NAME}`)).toContain("<real>1</real>");
});

test("nothing of a Mac's preferences goes into the home of another system", async () => {
  const remote = benchRemote();
  const a = mac("laptop", remote);
  a.defaults.set(DOMAIN, ...volume(1));
  a.write(".zshrc", "good\n");
  await a.sync();
  const b = settingsHome({ device: "desktop", remote, files: [], more: ["apps: [iina, zsh]"] });
  await b.adopt(() => "remote");
  await b.restore();
  expect([b.read(".zshrc"), b.has("Library")]).toEqual(["good\n", false]);
  expect(await b.sync()).toMatchObject({ outcome: "up-to-date" });
});
