/** The keys of encryption on a real terminal, and by the whole program, which loads age's library from within itself. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { type Device, makeDevice } from "../helpers/device.ts";
import { cannotRun } from "../helpers/skip.ts";
import { inTerminal } from "../helpers/terminal.ts";

const SECRET = /AGE-SECRET-KEY-1[A-Z0-9]{58}/;

test("a recovery key that one device has written to a file is taken by another", async () => {
  // No desktop here: what is stored goes into files.
  const laptop = makeDevice("laptop", { XDG_RUNTIME_DIR: "/nonexistent" });
  const desktop = makeDevice("desktop", { XDG_RUNTIME_DIR: "/nonexistent" });
  const file = join(laptop.home, "recovery.txt");
  const made = await laptop.lull(["secret", "init", "--recovery-file", file]);
  expect(made.stdout + made.stderr).not.toMatch(SECRET);
  expect(readFileSync(file, "utf8")).toMatch(SECRET);
  const taken = await desktop.lull(["secret", "recover", "--recovery-file", file]);
  expect(taken.stdout + taken.stderr).not.toMatch(SECRET);
  const keysOf = async (device: Device): Promise<{ readonly key: string; readonly recoveryKey: string }> => {
    const { json } = await device.json(["secret", "list"]);
    return (json as { encryption: { key: string; recoveryKey: string } }).encryption;
  };
  const [one, other] = [await keysOf(laptop), await keysOf(desktop)];
  expect(other.recoveryKey).toBe(one.recoveryKey);
  expect(other.key).not.toBe(one.key);
});

const noTerminal = cannotRun(process.platform === "win32", "typing a key: a POSIX terminal");
test.skipIf(noTerminal)("a terminal shows the recovery key once, and not when it is typed", async () => {
  const laptop = makeDevice("laptop", { XDG_RUNTIME_DIR: "/nonexistent" });
  const desktop = makeDevice("desktop", { XDG_RUNTIME_DIR: "/nonexistent" });
  await using made = inTerminal(laptop, ["secret", "init"]);
  await made.sees("shown this once");
  expect(await made.exited).toBe(0);
  const [secret = ""] = SECRET.exec(made.text()) ?? [];
  expect(secret).not.toBe("");
  await using asked = inTerminal(desktop, ["secret", "recover"]);
  await asked.sees("Recovery key");
  asked.type(`${secret}\r`);
  await asked.sees("Kept the recovery key");
  expect(await asked.exited).toBe(0);
  expect(asked.raw()).not.toContain(secret.slice(16, 30));
});
