import { expect, test } from "bun:test";

import packageFile from "../../package.json";
import { LullError, type ErrorKind } from "../../src/base/errors.ts";
import { EXIT_CODES } from "../../src/base/exit-codes.ts";
import type { CliIo } from "../../src/cli/cli-io.ts";
import { COMMANDS } from "../../src/cli/root.ts";
import { lull } from "./fake-io.ts";

test("--version is one line with version, commit, runtime and platform", async () => {
  const { code, stdout, stderr } = await lull(["--version"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^lull \d+\.\d+\.\d+ \(source, bun [\d.]+, \w+ \w+\)\n$/);
  expect(stdout).toContain(packageFile.version);
  expect(stderr).toBe("");
  expect((await lull(["-V"])).stdout).toBe(stdout);
  expect((await lull(["version"])).stdout).toBe(stdout);
  expect((await lull(["sync", "--version"])).stdout).toBe(stdout);
});

test("the version as JSON carries the version of the contract too", async () => {
  const { stdout } = await lull(["version", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    lull: packageFile.version,
    commit: "source",
    bun: Bun.version,
  });
});

test("the help of lull lists every command, option and exit code", async () => {
  const { code, stdout } = await lull(["--help"]);
  expect(code).toBe(0);
  for (const name of Object.keys(COMMANDS)) expect(stdout).toContain(`\n  ${name} `);
  expect(stdout).toContain("-n, --dry-run      Show what would be done, change nothing [LULL_DRY_RUN]");
  for (const number of [0, 1, 2, 3, 4, 5, 6, 7, 8, 130]) expect(stdout).toContain(`\n  ${number} `);
  expect((await lull(["help"])).stdout).toBe(stdout);
  expect((await lull(["-h"])).stdout).toBe(stdout);
});

test("help fits the width of the terminal", async () => {
  for (const width of [60, 80, 120]) {
    const { stdout } = await lull(["help", "add"], { width });
    const examples = stdout.split("\n").filter((line) => !line.startsWith("  lull "));
    expect(Math.max(...examples.map((line) => line.length))).toBeLessThanOrEqual(width);
  }
});

test("the help of a command shows the whole of it", async () => {
  expect((await lull(["help", "log"])).stdout).toMatchSnapshot();
  expect((await lull(["log", "--help"])).stdout).toBe((await lull(["help", "log"])).stdout);
  expect((await lull(["history", "-h"])).stdout).toBe((await lull(["help", "history"])).stdout);
});

test("help wins over mistakes, except when nobody knows what it is about", async () => {
  expect((await lull(["add", "--wrong", "--help"])).code).toBe(0);
  expect((await lull(["add", "--help"])).stdout).toContain("Usage: lull add FOLDER [options]");
  const unknown = await lull(["ad", "--help"]);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('did you mean "add"?');
  expect((await lull(["help", "ad"])).stderr).toContain('did you mean "add"?');
});

test("help of a nested command and help as JSON", async () => {
  const { stdout } = await lull(["help", "config", "set"]);
  expect(stdout).toContain("Usage: lull config set KEY VALUE [options]");
  const json: unknown = JSON.parse((await lull(["config", "set", "--help", "--json"])).stdout);
  expect(json).toEqual({ version: 1, help: stdout.trimEnd() });
});

test("every command has a summary, examples that start with lull, and a help of its own", async () => {
  for (const [name, entry] of Object.entries(COMMANDS)) {
    expect(entry.summary).toMatch(/^[A-Z].*[^.]$/);
    const command = await entry.load();
    expect(command.meta.name).toBe(name);
    expect(command.meta.examples.length).toBeGreaterThan(0);
    for (const example of command.meta.examples) expect(example.command).toContain(`lull ${name}`);
    for (const [nested, inner] of Object.entries(command.commands ?? {})) {
      expect((await inner.load()).meta.name).toBe(`${name} ${nested}`);
    }
  }
});

test("a mistake on the command line ends with 2, its text on stderr and nothing on stdout", async () => {
  const { code, stdout, stderr } = await lull(["stauts"]);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toBe(
    'Error: unknown command "stauts"\n  Hint: did you mean "status"? `lull --help` lists all commands\n',
  );
});

test("with --json an error is the one document on stdout and stderr is silent", async () => {
  const { code, stdout, stderr } = await lull(["status", "--jsno", "--json"]);
  expect(code).toBe(2);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({
    version: 1,
    error: {
      kind: "usage",
      code: "UNKNOWN_FLAG",
      message: 'unknown option "--jsno"',
      hint: 'did you mean "--json"? `lull status --help` lists all options',
      causes: [],
      data: {},
    },
  });
});

test("a hostile word on the command line can not drive the terminal", async () => {
  const { stderr } = await lull(["\u001B]0;owned\u0007\u202Estatus"]);
  expect(stderr).not.toContain("\u001B");
  expect(stderr).not.toContain("\u202E");
  expect(stderr).toContain("\\x1b]0;owned\\x07\\u{202e}status");
});

test("errors are coloured on a terminal only, and never against the person's wish", async () => {
  const colored = async (args: readonly string[], io: Parameters<typeof lull>[1]) =>
    (await lull(["wrong", ...args], io)).stderr.includes("\u001B[31m");
  expect(await colored([], { isTty: true })).toBe(true);
  expect(await colored([], { isTty: false })).toBe(false);
  expect(await colored([], { isTty: false, stderrIsTty: true })).toBe(true);
  expect(await colored([], { isTty: true, stderrIsTty: false })).toBe(false);
  expect(await colored([], { isTty: true, env: { NO_COLOR: "1" } })).toBe(false);
  expect(await colored([], { isTty: true, env: { LULL_NO_COLOR: "1" } })).toBe(false);
  expect(await colored(["--no-color"], { isTty: true })).toBe(false);
  expect(await colored(["--color"], { isTty: false, env: { NO_COLOR: "1" } })).toBe(true);
  expect(await colored([], { isTty: true, env: { TERM: "dumb" } })).toBe(false);
  expect(await colored([], { isTty: false, env: { FORCE_COLOR: "1" } })).toBe(true);
  expect(await colored([], { isTty: true, env: { FORCE_COLOR: "0" } })).toBe(false);
});

function broken(error: unknown): Partial<CliIo> {
  return {
    compose: () => {
      throw error;
    },
  };
}

test("each kind of error has its exit code", async () => {
  for (const [kind, { code }] of Object.entries(EXIT_CODES)) {
    if (kind === "ok") continue;
    const error = new LullError({ kind: kind as ErrorKind, code: "X", message: "m" });
    expect(await lull(["list"], broken(error))).toEqual({ code, stdout: "", stderr: "Error: m\n" });
    expect((await lull(["list", "--json"], broken(error))).code).toBe(code);
  }
});

test("a throw that nobody foresaw is an internal error with exit code 1", async () => {
  const { code, stderr } = await lull(["list"], broken(new TypeError("boom")));
  expect(code).toBe(1);
  expect(stderr).toBe(
    "Error: internal error: boom\n  Hint: this is a defect in lull; run it again with --verbose and report what it prints\n",
  );
});

test("the stack of an internal error is shown with --verbose only", async () => {
  const { stderr } = await lull(["list", "--verbose"], broken(new TypeError("boom")));
  expect(stderr).toMatch(/\n {4}at .*run\.test\.ts/);
});

test("an interruption ends with 130, also when the runtime's own abort error carries it", async () => {
  const signal = AbortSignal.abort();
  for (const error of [signal.reason, new DOMException("stop", "AbortError")]) {
    const { code, stderr } = await lull(["list"], { ...broken(error), signal });
    expect(code).toBe(130);
    expect(stderr).toStartWith("Error: interrupted; nothing was lost");
  }
});

test("an error that comes after a signal but not from it keeps its own words", async () => {
  const { code, stderr } = await lull(["list"], {
    ...broken(new TypeError("boom")),
    signal: AbortSignal.abort(),
  });
  expect(code).toBe(1);
  expect(stderr).toContain("internal error: boom");
});

test("an abort without a signal is a defect, not an interruption", async () => {
  expect((await lull(["list"], broken(new DOMException("stop", "AbortError")))).code).toBe(1);
});
