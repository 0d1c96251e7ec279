import { expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { makeScratch } from "../../scripts/gate/scratch.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

test("it lies in memory where there is some, and is removed with all that is in it", () => {
  const memory = temporaryDirectory();
  const scratch = makeScratch({ memory, enoughBytes: 0 });
  writeFileSync(join(scratch.path, "left.txt"), "left");
  expect(dirname(scratch.path)).toBe(memory);
  scratch.remove();
  expect(readdirSync(memory)).toEqual([]);
});

test("where there is none, or too little, it lies with the temporary files of the system", () => {
  const memory = temporaryDirectory();
  for (const options of [{ memory: join(memory, "none") }, { memory, enoughBytes: Infinity }]) {
    const scratch = makeScratch(options);
    scratch.remove();
    expect(dirname(scratch.path)).not.toBe(memory);
    expect(existsSync(scratch.path)).toBe(false);
  }
  expect(readdirSync(memory)).toEqual([]);
});

test("what can not be written in is left alone", () => {
  const memory = join(temporaryDirectory(), "file");
  writeFileSync(memory, "no folder");
  const scratch = makeScratch({ memory, enoughBytes: 0 });
  scratch.remove();
  expect(scratch.path.startsWith(memory)).toBe(false);
});

test("a signal that ends the program removes it", async () => {
  const memory = temporaryDirectory();
  const module = resolve(import.meta.dir, "../../scripts/gate/scratch.ts");
  const program = `
    import { makeScratch } from ${JSON.stringify(module)};
    console.log(makeScratch({ memory: ${JSON.stringify(memory)}, enoughBytes: 0 }).path);
    setInterval(() => {}, 1000);
  `;
  await using child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "inherit" });
  const path = new TextDecoder().decode((await child.stdout.getReader().read()).value).trim();
  expect(readdirSync(memory)).toEqual([path.slice(memory.length + 1)]);
  child.kill("SIGTERM");
  await child.exited;
  expect(child.signalCode).toBe("SIGTERM");
  expect(readdirSync(memory)).toEqual([]);
});
