/** The whole program over every way to a remote: the same story, the same result. */
import { expect, test } from "bun:test";
import { chmodSync, rmSync, writeFileSync } from "node:fs";

import { expectConverged } from "../helpers/device.ts";
import { git } from "../helpers/system-git.ts";
import { bareRepository, describeWays, type Way } from "../helpers/ways.ts";

describeWays(story);

function story(way: () => Way): void {
  test("two devices edit apart and come together, in a repository with an odd name", async () => {
    const { url, device } = way();
    const remote = bareRepository("it's ☃ & $(more)");
    const [laptop, desktop] = [await device("laptop"), await device("desktop")];
    laptop.write("a.md", "one\ntwo\nthree\nfour\nfive\n");
    for (const each of [laptop, desktop]) {
      await each.lull(["add", "notes", "--remote", url(remote)]);
      // The setting that chooses the way is known, and has an effect.
      expect((await each.lull(["sync"])).stderr).not.toContain("transport");
    }
    laptop.write("a.md", "ONE\ntwo\nthree\nfour\nfive\n");
    laptop.write("only/laptop.bin", crypto.getRandomValues(new Uint8Array(60_000)));
    desktop.write("a.md", "one\ntwo\nthree\nfour\nFIVE\n");
    await laptop.lull(["sync"]);
    await desktop.lull(["sync"]);
    await laptop.lull(["sync"]);
    expect(laptop.read("a.md")).toBe("ONE\ntwo\nthree\nfour\nFIVE\n");
    expectConverged([laptop, desktop], [remote]);
  });

  test("what a hook refuses stays here, is told, and goes up when it is allowed", async () => {
    const { url, device, runsHooks } = way();
    if (!runsHooks) return;
    const remote = bareRepository("strict");
    const hook = `${remote}/hooks/pre-receive`;
    writeFileSync(hook, "#!/bin/sh\necho 'not on a Sunday' >&2\nexit 1\n");
    chmodSync(hook, 0o755);
    const laptop = await device("laptop");
    laptop.write("a.md", "one\n");
    await laptop.lull(["add", "notes", "--remote", url(remote)]);
    expect((await laptop.lull(["sync"], 4)).stdout).toContain("not on a Sunday");
    expect(git(laptop.notes, "show", "HEAD:a.md")).toBe("one");
    expect(git(remote, "for-each-ref")).toBe("");
    rmSync(hook);
    await laptop.lull(["sync"]);
    expectConverged([laptop], [remote]);
  });
}
