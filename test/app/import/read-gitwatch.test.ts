import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { type ImportMachine, importMachine } from "../../helpers/import-machine.ts";
import { git } from "../../helpers/system-git.ts";

function repository(machine: ImportMachine, path: string, remote?: string): void {
  const folder = join(machine.home, path);
  mkdirSync(folder, { recursive: true });
  git(folder, "init", "-q");
  if (remote !== undefined) git(folder, "remote", "add", "origin", remote);
}

function texts(plan: { readonly leftOut: readonly { readonly text: string }[] }): readonly string[] {
  return plan.leftOut.map(({ text }) => text);
}

test("a line of a shell's start file becomes a repo source that is watched", async () => {
  const machine = importMachine();
  repository(machine, "notes", "https://me:hunter2@example.com/notes.git");
  machine.write(
    ".bashrc",
    "# gitwatch -r origin ~/old\nalias gw=gitwatch\ngitwatch -s 30 -r origin -R -m 'Notes of %d' \\\n  \"$HOME/notes\" >/dev/null 2>&1 &\n",
  );
  const plan = await machine.take("gitwatch");
  expect(plan.sources).toEqual([
    {
      name: "notes",
      entry: {
        repo: "~/notes",
        remote: "https://example.com/notes.git",
        watch: { quiet: "30s" },
        message: "Notes of {date}",
      },
    },
  ]);
  expect(plan.found).toEqual(["a command of gitwatch: ~/.bashrc:3"]);
  expect(plan.steps.map(({ text }) => text)).toEqual([
    "end gitwatch before the first sync, or both commit the same changes:",
    "take it out of ~/.bashrc:3, and end the gitwatch that runs",
  ]);
  expect(plan.leftOut).toEqual([]);
  const [source] = (await machine.deps.config.load()).config.sources;
  expect(source).toMatchObject({ kind: "repo", watch: { quietMs: 30_000 }, direction: "both" });
  expect((await machine.take("gitwatch")).alreadyThere).toEqual(['~/notes is the source "notes"']);
});

test("units, instances, cron, launchd and autostart are all looked at, each with its way to end it", async () => {
  const machine = importMachine();
  for (const name of ["one", "two x", "three", "four", "five"])
    repository(machine, `w/${name}`, "git@h.example:n.git");
  const user = ".config/systemd/user";
  machine.write(`${user}/notes.service`, "[Service]\nExecStart=/usr/bin/gitwatch -r origin %h/w/one\n");
  machine.write(`${user}/other.service`, "[Service]\nExecStart=/usr/bin/true\n");
  machine.write(
    `${user}/gitwatch@.service`,
    '[Service]\nEnvironment="SCRIPT_ARGS=%I"\nExecStart=/usr/local/bin/gitwatch $SCRIPT_ARGS\n',
  );
  const escaped = (text: string): string =>
    text.replaceAll(/[^A-Za-z0-9/]/g, (one) => `\\x${one.charCodeAt(0).toString(16)}`).replaceAll("/", "-");
  const instance = `gitwatch@${escaped(`'-r https://h.example/two.git' '${machine.home}/w/two x'`)}.service`;
  machine.link(`${user}/default.target.wants/${instance}`, "../gitwatch@.service");
  machine.write(
    ".test-crontab",
    "MAILTO=me\n# @reboot gitwatch ~/none\n@reboot /opt/gitwatch.sh -m 'at \\%d' w/three % input\n0 9 * * 1 echo gitwatched\n",
  );
  machine.write(
    "Library/LaunchAgents/com.me.plist",
    `<plist><dict><key>ProgramArguments</key><array><string>/usr/local/bin/gitwatch.sh</string><string>-s</string><string>60</string><string>${machine.home}/w/four</string></array></dict></plist>`,
  );
  machine.write("Library/LaunchAgents/binary.plist", "bplist00 gitwatch");
  machine.write(".config/autostart/five.desktop", '[Desktop Entry]\nExec=sh -c "gitwatch ~/w/five"\n');
  const plan = await machine.take("gitwatch", { schedule: "every 1h" });
  const entries = Object.fromEntries(plan.sources.map(({ name, entry }) => [name, entry]));
  const usual = { watch: { quiet: "2s" }, schedule: "every 1h" };
  expect(entries).toEqual({
    one: { repo: "~/w/one", remote: "git@h.example:n.git", direction: "push", ...usual },
    "two-x": { repo: "~/w/two x", remote: "https://h.example/two.git", direction: "push", ...usual },
    three: { repo: "~/w/three", message: "at {date}", ...usual },
    four: { repo: "~/w/four", ...usual, watch: { quiet: "60s" } },
    five: { repo: "~/w/five", ...usual },
  });
  expect(plan.steps.slice(1).map(({ text }) => text)).toEqual([
    `systemctl --user disable --now '${instance}'`,
    "systemctl --user disable --now notes.service",
    "crontab -e, and take line 3 out",
    `launchctl unload ${machine.home}/Library/LaunchAgents/com.me.plist, then move that file away`,
    "move ~/.config/autostart/five.desktop away",
    ...["three", "four", "five"].map(
      (name) =>
        `"${name}" is committed on this machine only; to send it, too: lull config set sources.${name}.remote URL`,
    ),
  ]);
  expect(texts(plan)).toEqual([expect.stringContaining("files of launchd that are not in XML")]);
});

test("what can not be carried over is named: single files, no repositories, odd options, branches, remotes", async () => {
  const machine = importMachine();
  for (const name of ["a", "b", "c"]) repository(machine, name);
  mkdirSync(join(machine.home, "a/inner"));
  mkdirSync(join(machine.home, "plain"));
  machine.write("file.txt", "");
  machine.write(
    ".zshrc",
    [
      "gitwatch ~/file.txt",
      "gitwatch ~/gone",
      "gitwatch ~/plain",
      "gitwatch ~/a/inner",
      'gitwatch "$NOTES"',
      "gitwatch -s never ~/a",
      "gitwatch -g ~/elsewhere.git ~/a",
      "gitwatch -d +%F -l 5 -x '\\.log$' -e modify -m 'a {word}' -r backup -b release ~/a",
      "gitwatch -r ftp://h/x ~/b",
      "gitwatch -r ../hub.git ~/c",
      "gitwatch ~/c/",
    ].join("\n"),
  );
  const plan = await machine.take("gitwatch");
  expect(plan.sources).toEqual([
    { name: "a", entry: { repo: "~/a", watch: { quiet: "2s" } } },
    {
      name: "c",
      entry: {
        repo: "~/c",
        remote: join(machine.home, "hub.git"),
        direction: "push",
        watch: { quiet: "2s" },
      },
    },
  ]);
  expect(texts(plan)).toEqual([
    "~/file.txt (~/.zshrc:1): it is a single file; lull syncs whole folders",
    "~/gone (~/.zshrc:2): it is not there",
    "~/plain (~/.zshrc:3): it is no git repository",
    `~/a/inner (~/.zshrc:4): ${machine.home}/a/inner lies inside another repository, ${machine.home}/a`,
    expect.stringContaining("~/.zshrc:5: its command line has variables"),
    expect.stringContaining('~/.zshrc:6: "-s never" is no number of seconds'),
    expect.stringContaining("~/a (~/.zshrc:7): its repository lies elsewhere"),
    expect.stringContaining("formats of the date (-d)"),
    expect.stringContaining("changed lines as the commit's message (-l, -L)"),
    expect.stringContaining("patterns of files that are not watched (-x)"),
    expect.stringContaining("events of inotify (-e)"),
    expect.stringContaining('the remote "backup"'),
    "pushing main as release (-b): lull sends a branch under its own name; rename it, or check release out",
    expect.stringContaining("messages with words in braces"),
    "folders that are watched twice",
    expect.stringContaining('~/b: "b" can not be taken in:'),
  ]);
});

test("a folder that shares files with a source, or with another watched one, belongs to the first", async () => {
  const machine = importMachine();
  repository(machine, "code/x");
  repository(machine, "all");
  repository(machine, "all/inner");
  machine.write(
    ".config/lull/config.yaml",
    "# mine\nversion: 1\nsources:\n  code: { discover: ~/code } # all\n",
    0o600,
  );
  machine.write(".profile", "gitwatch ~/code/x &\ngitwatch ~/all & gitwatch ~/all/inner\n");
  const plan = await machine.take("gitwatch");
  expect(plan.sources.map(({ name }) => name)).toEqual(["all"]);
  expect(texts(plan)).toEqual([
    expect.stringContaining('~/code/x: it shares files with the source "code" (~/code)'),
    expect.stringContaining('~/all/inner: it shares files with the source "all" (~/all)'),
  ]);
  expect(await machine.deps.config.text()).toBe(
    `# mine\nversion: 1\nsources:\n  code: { discover: ~/code } # all\n${plan.sourcesText.slice("sources:\n".length)}`,
  );
});

test("without a table of cron and without any command it says where it looked", async () => {
  const machine = importMachine();
  machine.write(".bashrc", "# gitwatch is gone\nalias g=gitwatch\n");
  const refused = machine.plan("gitwatch");
  await expect(refused).rejects.toMatchObject({ code: "NOTHING_TO_IMPORT" });
  await expect(refused).rejects.toThrow(/the start files of shells/);
});
