import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Ask } from "../../src/cli/cli-io.ts";
import { importMachine, type ImportMachine } from "../helpers/import-machine.ts";
import { git } from "../helpers/system-git.ts";
import { lull, type Ran } from "./fake-io.ts";

type Answers = { readonly remote?: string; readonly folder?: string; readonly write?: string };

/** Answers the three questions; remembers what was asked. */
function person({ remote = "", folder = "no", write = "yes" }: Answers): Ask & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    text: async ({ message, check }) => {
      asked.push(message);
      const problem = check?.(remote);
      if (problem !== undefined) throw new Error(problem);
      return remote;
    },
    secret: async () => "",
    choose: async ({ message, choices }) => {
      asked.push(message);
      const answer = message.startsWith("Keep chezmoi's own folder") ? folder : write;
      return (
        choices.find(({ value }) => value === answer)?.value ?? Promise.reject(new Error("no such choice"))
      );
    },
  };
}

function chezmoi(): ImportMachine & { run(args: readonly string[], ask?: Ask): Promise<Ran> } {
  const machine = importMachine();
  machine.write(".local/share/chezmoi/dot_bashrc", "");
  machine.write(".local/share/chezmoi/dot_gitconfig.tmpl", "");
  git(join(machine.home, ".local/share/chezmoi"), "init", "-q");
  git(join(machine.home, ".local/share/chezmoi"), "remote", "add", "origin", "https://h.example/dots.git");
  const run = (args: readonly string[], ask?: Ask): Promise<Ran> =>
    lull(["init", "--from", ...args], {
      env: machine.env,
      cwd: machine.home,
      ...(ask === undefined ? {} : { ask }),
    });
  return { ...machine, run };
}

test("the plan is shown and written after a yes; a config check passes", async () => {
  const machine = chezmoi();
  const ask = person({ remote: "https://h.example/settings.git" });
  const ran = await machine.run(["chezmoi"], ask);
  expect(ask.asked).toHaveLength(3);
  expect(ran.code).toBe(0);
  expect(ran.stdout).toBe(`Found
  - chezmoi's source folder: ~/.local/share/chezmoi (files to take over: 1)
  - its remote: https://h.example/dots.git

To be written to ~/.config/lull/config.yaml (a new file)
sources:
  settings:
    settings: {}
    remote: https://h.example/settings.git
    files: [ ~/.bashrc ]

Not carried over
  - templates: lull has no template language. What chezmoi made of them stays in your home as it is; add such a file to \`files\` when it holds no secret that the template puts in, else with \`encrypt: true\`, and name what differs between machines in \`variants: { os: […], device: […] }\`
      .gitconfig

For you to do
  - from now on edit files in your home, and leave \`chezmoi apply\` and \`chezmoi update\` alone for the files above: they would put chezmoi's older versions back
  - "settings" goes from this machine to the repository; to take in what other devices change, too: lull config set sources.settings.mode two-way

✓ Wrote 1 source (settings); nothing of chezmoi and no file of yours was changed
Next: what stands above under “For you to do”, then lull sync
`);
  expect(readFileSync(machine.configFile, "utf8")).toContain("    files: [ ~/.bashrc ]\n");
  const checked = await lull(["config", "check"], { env: machine.env, cwd: machine.home });
  expect(checked.code).toBe(0);
  const again = await machine.run(["chezmoi", "--yes"]);
  expect(again.stdout).toContain("Nothing to write.\nNothing was changed.");
});

test("a no, a dry run and a missing terminal write nothing", async () => {
  const machine = chezmoi();
  const no = await machine.run(["chezmoi"], person({ write: "no" }));
  expect(no).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing was changed.") });
  const ask = person({});
  const dry = await machine.run(["chezmoi", "--dry-run"], ask);
  expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing was changed (a dry run).") });
  expect(ask.asked).toEqual([]);
  const alone = await machine.run(["chezmoi"]);
  expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining("--from chezmoi --yes") });
  expect(alone.stdout).toContain("settings: {}");
  expect(existsSync(machine.configFile)).toBe(false);
});

test("what was said on the command line is not asked again; with a yes the folder of chezmoi becomes a source", async () => {
  const machine = chezmoi();
  const told = person({});
  await machine.run(["chezmoi", "--with-folder", "--remote", "https://h.example/s.git"], told);
  expect(told.asked).toEqual(["Write this?"]);
  expect(readFileSync(machine.configFile, "utf8")).toContain("repo: ~/.local/share/chezmoi");
  const other = chezmoi();
  await other.run(["chezmoi"], person({ folder: "yes" }));
  expect(readFileSync(other.configFile, "utf8")).toContain("repo: ~/.local/share/chezmoi");
});

test("with --json there is one document, and a write needs --yes", async () => {
  const machine = chezmoi();
  const refused = await machine.run(["chezmoi", "--json"]);
  expect(refused).toMatchObject({ code: 2, stderr: "" });
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "NOT_CONFIRMED" } });
  const dry = await machine.run(["chezmoi", "--json", "--dry-run"]);
  expect(JSON.parse(dry.stdout)).toMatchObject({ version: 1, tool: "chezmoi", written: false, dryRun: true });
  expect(existsSync(machine.configFile)).toBe(false);
  const done = await machine.run(["chezmoi", "--json", "--yes", "--device", "desk", "--schedule", "manual"]);
  expect(JSON.parse(done.stdout)).toMatchObject({
    written: true,
    dryRun: false,
    sources: [{ name: "settings", entry: { files: ["~/.bashrc"], schedule: "manual" } }],
    leftOut: [{ names: [".gitconfig"] }],
  });
  expect(readFileSync(machine.configFile, "utf8")).toContain('device: "desk"');
});

test("a password in the remote is neither shown nor written", async () => {
  const machine = chezmoi();
  const ran = await machine.run(["chezmoi", "--yes", "--remote", "https://me:hunter2@h.example/s.git"]);
  expect(ran.stdout).toContain("remote: https://h.example/s.git");
  expect(ran.stdout).toContain("lull auth login settings");
  expect(ran.stdout + ran.stderr + readFileSync(machine.configFile, "utf8")).not.toContain("hunter2");
});

test.each([
  [["chezmo"], 'did you mean "chezmoi"?'],
  [["chezmoi", "~/notes"], "a folder and --from do not go together"],
  [["yadm", "--with-folder"], "--with-folder is about chezmoi"],
  [["gitwatch", "--name", "x"], "--name and --remote have no meaning for gitwatch"],
  [["chezmoi", "--yes", "--name", "a b"], "is no name for a source"],
  [["chezmoi", "--yes", "--schedule", "evry"], "can not be taken in"],
  [["chezmoi", "--yes", "--remote", "git@h.example:dots"], "is the repository of chezmoi"],
])("%j is refused, and nothing is written", async (args, message) => {
  const machine = chezmoi();
  const ran = await machine.run(args);
  expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  expect(existsSync(machine.configFile)).toBe(false);
});

test("of many names the first ten are shown, with --verbose all of them; no name drives the terminal", async () => {
  const machine = chezmoi();
  for (let number = 0; number < 30; number++) {
    machine.write(`.local/share/chezmoi/run_${String(number).padStart(2, "0")}.sh`, "");
  }
  writeFileSync(join(machine.home, ".local/share/chezmoi/run_\u001b[31mred.sh"), "");
  const few = await machine.run(["chezmoi", "-n"]);
  expect(few.stdout).toContain("run_08.sh and 21 more (--verbose shows all)");
  const all = await machine.run(["chezmoi", "-n", "--verbose"]);
  expect(all.stdout).toContain("run_29.sh");
  expect(all.stdout).toContain("\\x1b[31mred.sh");
  expect(all.stdout).not.toContain("\u001b");
});
