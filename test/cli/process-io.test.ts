import { expect, test } from "bun:test";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createWriter, processIo } from "../../src/cli/process-io.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const SOURCE = join(import.meta.dir, "../../src");
const MAIN = join(SOURCE, "main.ts");

function script(text: string): string {
  const file = join(temporaryDirectory(), "script.ts");
  writeFileSync(file, `import * as io from ${JSON.stringify(join(SOURCE, "cli/process-io.ts"))};\n${text}`);
  return file;
}

function start(file: string, args: readonly string[] = [], options: { cwd?: string; stdin?: Blob } = {}) {
  return Bun.spawn([process.execPath, file, ...args], {
    stdout: "pipe",
    stderr: "pipe",
    stdin: options.stdin ?? "ignore",
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream).text();
}

/** Resolves when the child has said that it listens. */
async function firstText(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value);
}

test("the entry prints to stdout and ends with the command's exit code", async () => {
  const good = start(MAIN, ["--version"]);
  expect(await textOf(good.stdout)).toStartWith("lull ");
  expect(await good.exited).toBe(0);
  const bad = start(MAIN, ["snyc"]);
  expect(await textOf(bad.stderr)).toContain('did you mean "sync"?');
  expect(await bad.exited).toBe(2);
});

test("a reader that goes away ends the output quietly", async () => {
  const shell = Bun.spawn(
    [
      "sh",
      "-c",
      `{ "${process.execPath}" "${script('for (let i = 0; i < 9999; i++) io.createWriter(1)("line\\n".repeat(9)); io.createWriter(2)("end");')}"; echo " $?" >&2; } | head -1`,
    ],
    { stdout: "pipe", stderr: "pipe" },
  );
  expect(await textOf(shell.stdout)).toBe("line\n");
  expect(await textOf(shell.stderr)).toBe("end 0\n");
});

test("a stream that can not be written is an error", async () => {
  const child = start(script('try { io.createWriter(99)("x"); } catch (error) { console.log(error.code); }'));
  expect(await textOf(child.stdout)).toBe("EBADF\n");
});

test("the first signal asks to stop, the second ends the process as the system would", async () => {
  const waiting = script(`
    const { signal } = io.listenForSignals();
    const timer = setInterval(() => {}, 1000);
    signal.addEventListener("abort", () => { console.log("asked"); if (process.argv[2] === "polite") clearInterval(timer); });
    console.log("ready");
  `);
  const polite = start(waiting, ["polite"]);
  expect(await firstText(polite.stdout)).toBe("ready\n");
  polite.kill("SIGTERM");
  expect(await polite.exited).toBe(0);
  const deaf = start(waiting);
  expect(await firstText(deaf.stdout)).toBe("ready\n");
  deaf.kill("SIGINT");
  expect(await firstText(deaf.stdout)).toBe("asked\n");
  deaf.kill("SIGINT");
  await deaf.exited;
  expect(deaf.signalCode).toBe("SIGINT");
});

test("a command that waits for a line ends with the signal", async () => {
  const waiting = script(`
    const signals = io.listenForSignals();
    console.log("ready");
    for await (const text of io.processIo(signals.signal).stdin) if (text !== "") console.log(text);
    console.log("over");
  `);
  const child = Bun.spawn([process.execPath, waiting], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  expect(await firstText(child.stdout)).toBe("ready\n");
  child.kill("SIGTERM");
  expect(await firstText(child.stdout)).toContain("over\n");
  expect(await child.exited).toBe(0);
});

test("without a terminal the width is 80, and stdin is read as text", async () => {
  const child = start(
    script(`
      const made = io.processIo(new AbortController().signal);
      let text = "";
      for await (const chunk of made.stdin) text += chunk;
      console.log(JSON.stringify([made.isTty, made.stderrIsTty, made.stdinIsTty, made.width, text]));
    `),
    [],
    { stdin: new Blob(["grün\n"]) },
  );
  expect(JSON.parse(await textOf(child.stdout))).toEqual([false, false, false, 80, "grün\n"]);
});

test("a working folder that was deleted does not stop lull", async () => {
  const child = start(
    script(`
      import { mkdtempSync, rmdirSync } from "node:fs";
      const folder = mkdtempSync("/tmp/lull-gone-");
      process.chdir(folder);
      rmdirSync(folder);
      console.log(io.processIo(new AbortController().signal).cwd.startsWith("/"));
    `),
  );
  expect(await textOf(child.stdout)).toBe("true\n");
});

test("text is written whole, as UTF-8", () => {
  const file = join(temporaryDirectory(), "out");
  const handle = openSync(file, "w");
  const write = createWriter(handle);
  write("grün ");
  write("ok\n".repeat(50_000));
  closeSync(handle);
  expect(readFileSync(file, "utf8")).toBe(`grün ${"ok\n".repeat(50_000)}`);
  expect(() => createWriter(handle)("x")).toThrow("EBADF");
});

test("the process's environment, folder and signal come through", () => {
  const { signal } = new AbortController();
  const io = processIo(signal);
  expect(io.env).toBe(process.env);
  expect(io.cwd).toBe(process.cwd());
  expect(io.signal).toBe(signal);
  expect(io.width).toBeGreaterThan(0);
});
