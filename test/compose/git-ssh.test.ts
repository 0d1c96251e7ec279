/** Which `ssh` counts: git is asked in each case by what it starts. */
import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { chosenSsh } from "../../src/compose/git-ssh.ts";
import { git, gitEnvironment, temporaryDirectory } from "../helpers/system-git.ts";

type Place = "GIT_SSH_COMMAND" | "local" | "included" | "global" | "GIT_SSH";

/** A world in which `ssh` is chosen in some places, each by a program that notes that it was started. */
function world(places: readonly Place[]) {
  const folder = temporaryDirectory();
  const repository = `${folder}/notes`;
  mkdirSync(`${folder}/bin`);
  git(folder, "init", "-q", "notes");
  const programOf = (place: string): string => {
    const path = `${folder}/bin/${place}`;
    writeFileSync(path, `#!/bin/sh\necho ${place} > '${folder}/started'\nexit 255\n`, { mode: 0o755 });
    return path;
  };
  const has = (place: Place): boolean => places.includes(place);
  if (has("local")) git(repository, "config", "core.sshCommand", programOf("local"));
  const settings = has("global") ? `[core]\n\tsshCommand = ${programOf("global")}\n` : "";
  const include = has("included") ? `[includeIf "gitdir:${folder}/"]\n\tpath = ${folder}/included\n` : "";
  writeFileSync(`${folder}/gitconfig`, settings + include);
  writeFileSync(`${folder}/included`, `[core]\n\tsshcommand = ${programOf("included")}\n`);
  const environment = {
    ...gitEnvironment(),
    PATH: `${folder}/bin:${process.env["PATH"] ?? ""}`,
    GIT_CONFIG_GLOBAL: `${folder}/gitconfig`,
    ...(has("GIT_SSH_COMMAND") ? { GIT_SSH_COMMAND: programOf("GIT_SSH_COMMAND") } : {}),
    ...(has("GIT_SSH") ? { GIT_SSH: programOf("GIT_SSH") } : {}),
  };
  return {
    repository,
    environment,
    startedByGit: (): string | undefined => {
      rmSync(`${folder}/started`, { force: true });
      programOf("ssh");
      const env = { ...environment, GIT_SSH_VARIANT: "ssh" };
      spawnSync("git", ["ls-remote", "ssh://nowhere.invalid/x"], { cwd: repository, env });
      const started = readFileSync(`${folder}/started`, "utf8").trim();
      return started === "ssh" ? undefined : `${folder}/bin/${started}`;
    },
  };
}

test.each<{ places: readonly Place[] }>([
  { places: [] },
  { places: ["GIT_SSH"] },
  { places: ["global"] },
  { places: ["included", "global"] },
  { places: ["local", "included", "global"] },
  { places: ["GIT_SSH", "global"] },
  { places: ["GIT_SSH", "local"] },
  { places: ["GIT_SSH_COMMAND", "GIT_SSH", "local", "global"] },
])("of $places the one that git takes", ({ places }) => {
  const { repository, environment, startedByGit } = world(places);
  expect(chosenSsh(environment, repository)?.text).toBe(startedByGit());
});

describe("a command is told to be the repository's own", () => {
  test("when it stands in its config, and only then", () => {
    for (const place of ["local", "included", "global", "GIT_SSH_COMMAND", "GIT_SSH"] as const) {
      const { repository, environment } = world([place]);
      expect(chosenSsh(environment, repository)?.isOfRepository).toBe(place === "local");
    }
  });

  test("also when its config has included it from elsewhere", () => {
    const { repository, environment } = world(["included"]);
    git(repository, "config", "include.path", "../../included");
    expect(chosenSsh(environment, repository)?.isOfRepository).toBe(true);
  });

  test("not when the environment goes before it", () => {
    const { repository, environment } = world(["GIT_SSH_COMMAND", "local"]);
    expect(chosenSsh(environment, repository)).toMatchObject({
      from: "GIT_SSH_COMMAND",
      isOfRepository: false,
    });
  });
});

test("without a repository what is said for all of them counts", () => {
  const { repository, environment } = world(["local", "global"]);
  expect(chosenSsh(environment, undefined)?.text).toEndWith("/global");
  expect(chosenSsh(environment, `${repository}/none`)?.text).toEndWith("/global");
});

test("for a repository that is yet to be made the person's conditions count", () => {
  const { repository, environment } = world(["included"]);
  expect(chosenSsh(environment, `${repository}-new/notes`)?.text).toEndWith("/included");
  expect(chosenSsh(environment, `${temporaryDirectory()}/new`)).toBeUndefined();
});

test("a linked work tree has the config of its repository", () => {
  const { repository, environment } = world(["local"]);
  git(repository, "commit", "-q", "--allow-empty", "-m", "one");
  git(repository, "worktree", "add", "-q", "../linked");
  expect(chosenSsh(environment, `${repository}/../linked`)?.text).toEndWith("/local");
});

test("the kind of program is told by the environment before the config", () => {
  const { repository, environment } = world(["global"]);
  git(repository, "config", "ssh.variant", "simple");
  expect(chosenSsh(environment, repository)?.variant).toBe("simple");
  expect(chosenSsh({ ...environment, GIT_SSH_VARIANT: "ssh" }, repository)?.variant).toBe("ssh");
});
