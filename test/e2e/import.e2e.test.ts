/** `lull init --from` as a person types it who comes from another tool. */
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { makeDevice } from "../helpers/device.ts";
import { git } from "../helpers/system-git.ts";

test("the files of yadm's repository and of chezmoi's settings become sources that pass the check", async () => {
  const device = makeDevice("laptop");
  const repository = join(device.home, ".local/share/yadm/repo.git");
  writeFileSync(join(device.home, ".bashrc"), "# bash\n");
  mkdirSync(repository, { recursive: true });
  git(device.home, "init", "-q", "--bare", repository);
  const place = [`--git-dir=${repository}`, `--work-tree=${device.home}`];
  git(device.home, ...place, "add", ".bashrc");
  git(device.home, ...place, "commit", "-qm", "first");
  mkdirSync(join(device.home, ".config/chezmoi"), { recursive: true });
  mkdirSync(join(device.home, "dots"));
  writeFileSync(join(device.home, ".config/chezmoi/chezmoi.toml"), 'sourceDir = "~/dots"\n');
  writeFileSync(join(device.home, "dots/dot_vimrc"), "");
  const { stdout } = await device.lull(["init", "--from", "yadm", "--yes"]);
  expect(stdout).toContain("    files: [ ~/.bashrc ]\n");
  await device.lull(["init", "--from", "chezmoi", "--yes"]);
  const { json } = await device.json(["list"]);
  expect(json).toMatchObject({ sources: [{ name: "settings" }, { name: "settings-2" }] });
  await device.lull(["config", "check"]);
  await device.lull(["init", "--from", "mackup"], 2);
});
