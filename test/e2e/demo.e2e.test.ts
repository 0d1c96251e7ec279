/** The demo is lull itself on two devices of its own: it has to come to its end, and to leave nothing. */
import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";

import { cli, runJson } from "../helpers/cli-runner.ts";
import { tempHome } from "../helpers/temp-home.ts";

test("the demo plays its story to the end, and nothing of it is left", async () => {
  const { home, env } = tempHome();
  const before = readdirSync(tmpdir());
  const { code, stdout, stderr } = await cli.run(["demo"], { cwd: home, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("laptop");
  expect(stdout).toContain("desktop");
  expect(readdirSync(home)).toEqual([]);
  expect(readdirSync(tmpdir())).toEqual(before);
  expect(await runJson(["demo"], { cwd: home, env })).toMatchObject({ code: 0, json: { version: 1 } });
});
