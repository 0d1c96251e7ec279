/** System git, the peer that the tests compare with. */
import { existsSync } from "node:fs";

import { run } from "./process.ts";

/** Returns undefined when git can be run, after installing it where that is possible; else why it can not. */
export async function setUpGit(): Promise<string | undefined> {
  if (Bun.which("git") !== null) return undefined;
  if (!existsSync("/etc/debian_version") || process.getuid?.() !== 0) {
    return "git is not installed; install it and run the tests again";
  }
  console.log("Installing git for the tests (apt-get install git) …");
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "git", "ca-certificates"];
  let ended = await run(install, { env });
  if (ended.code !== 0) {
    await run(["apt-get", "update", "-qq"], { env });
    ended = await run(install, { env });
  }
  return ended.code === 0
    ? undefined
    : `apt-get could not install git: ${ended.output.trim().split("\n").at(-1) ?? ""}`;
}
