import { expect, test } from "bun:test";

import { readArguments } from "../../src/cli/arguments.ts";
import { defineCommand, defineGroup, type CommandTable } from "../../src/cli/command.ts";

const leaf = defineCommand({
  meta: { name: "put", examples: [] },
  args: {
    name: { type: "positional", required: true, description: "Name" },
    rest: { type: "positional", required: false, variadic: true, description: "More" },
    mode: { type: "enum", options: ["fast", "safe"], alias: "m", description: "Mode" },
    size: { type: "string", valueHint: "N", alias: ["s"], description: "Size" },
    deep: { type: "boolean", description: "Deep" },
  },
  run: async () => undefined,
});
const single = defineCommand({
  meta: { name: "one", examples: [] },
  args: { word: { type: "positional", required: false, description: "Word" } },
  run: async () => undefined,
});
const TABLE: CommandTable = {
  put: { summary: "Put", aliases: ["place"], load: async () => leaf },
  one: { summary: "One", load: async () => single },
  group: {
    summary: "Group",
    load: async () =>
      defineGroup({
        meta: { name: "group", examples: [] },
        commands: { one: { summary: "One", load: async () => single } },
      }),
  },
};

async function read(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const result = await readArguments(argv, TABLE, env);
  return {
    ...result,
    values: Object.fromEntries(result.given),
    code: result.problem?.code,
    hint: result.problem?.hint,
  };
}

test("global flags count before and after the command", async () => {
  const before = await read(["--json", "-c", "a.yaml", "put", "x"]);
  const after = await read(["put", "x", "--config=a.yaml", "--json"]);
  expect(before.values).toEqual({ json: true, config: "a.yaml" });
  expect(after.values).toEqual(before.values);
  expect(after.problem).toBeUndefined();
});

test("short flags combine, and their value may follow at once or as the next word", async () => {
  expect((await read(["-nv", "put", "x"])).values).toEqual({ "dry-run": true, verbose: true });
  expect((await read(["put", "x", "-s3"])).values).toEqual({ size: "3" });
  expect((await read(["put", "x", "-s=3"])).values).toEqual({ size: "3" });
  expect((await read(["put", "x", "-ns", "3"])).values).toEqual({ "dry-run": true, size: "3" });
  expect((await read(["put", "x", "-mfast"])).values).toEqual({ mode: "fast" });
});

test("every boolean flag can be negated or given a value", async () => {
  expect((await read(["--no-color", "--no-json", "--quiet=yes", "put", "x", "--deep=off"])).values).toEqual({
    color: false,
    json: false,
    quiet: true,
    deep: false,
  });
  expect((await read(["put", "x", "--deep=maybe"])).problem?.message).toBe(
    'the value of --deep is neither true nor false: "maybe"',
  );
  expect((await read(["put", "x", "--no-size"])).code).toBe("UNKNOWN_FLAG");
  expect((await read(["put", "x", "--no-deep=1"])).code).toBe("UNKNOWN_FLAG");
});

test("after -- every word is a positional, and a lone dash is one anywhere", async () => {
  expect((await read(["put", "x", "--", "--json", "-v"])).positionals).toEqual(["x", "--json", "-v"]);
  expect((await read(["put", "-"])).positionals).toEqual(["-"]);
});

test("an unknown flag names the nearest one", async () => {
  const slip = await read(["put", "x", "--siez", "3"]);
  expect(slip.problem?.message).toBe('unknown option "--siez"');
  expect(slip.hint).toBe('did you mean "--size"? `lull put --help` lists all options');
  expect((await read(["put", "x", "--no-colour"])).hint).toContain('"--no-color"');
  expect((await read(["put", "x", "--completely-else"])).hint).toBe("`lull put --help` lists all options");
  expect((await read(["put", "x", "-z"])).problem?.message).toBe('unknown option "-z"');
});

test("names that every object has are unknown flags and commands all the same", async () => {
  expect((await read(["put", "x", "--constructor"])).code).toBe("UNKNOWN_FLAG");
  expect((await read(["put", "x", "--__proto__=1"])).code).toBe("UNKNOWN_FLAG");
  expect((await read(["toString"])).code).toBe("UNKNOWN_COMMAND");
});

test("an unknown command names the nearest one, aliases included", async () => {
  expect((await read(["putt"])).hint).toBe('did you mean "put"? `lull --help` lists all commands');
  expect((await read(["plaec"])).hint).toContain('"place"');
  const nested = await read(["group", "oen"]);
  expect(nested.problem?.message).toBe('unknown command "group oen"');
  expect(nested.hint).toBe('did you mean "one"? `lull group --help` lists all commands');
});

test("an alias leads to the command under its own name", async () => {
  expect((await read(["place", "x"])).path).toEqual(["put"]);
});

test("a flag without its value is a mistake, also when another flag follows", async () => {
  expect((await read(["put", "x", "--size"])).problem?.message).toBe("--size needs a value");
  expect((await read(["put", "x", "--size", "--json"])).hint).toBe("write it as --size=N");
  expect((await read(["put", "x", "--size="])).code).toBe("MISSING_VALUE");
  const empty = await read(["put", "x", "--size", ""]);
  expect(empty.code).toBe("MISSING_VALUE");
  expect(empty.positionals).toEqual(["x"]);
  expect((await read(["put", "x", "-s"])).problem?.message).toBe("-s needs a value");
});

test("a value that starts with a dash can be given with =", async () => {
  expect((await read(["put", "x", "--size=-3"])).values).toEqual({ size: "-3" });
});

test("missing and extra positionals are mistakes that show the usage", async () => {
  const missing = await read(["put"]);
  expect(missing.problem?.message).toBe("missing argument NAME");
  expect(missing.hint).toBe("usage: lull put NAME [REST…] [options]");
  expect((await read(["one", "a", "b"])).problem?.message).toBe('unexpected argument "b"');
  expect((await read(["put", "a", "b", "c", "d"])).positionals).toEqual(["a", "b", "c", "d"]);
  expect((await read(["group"])).problem?.message).toBe("`lull group` needs one of: one");
});

test("a choice takes its own words only", async () => {
  const slip = await read(["put", "x", "--mode", "saef"]);
  expect(slip.problem?.message).toBe('--mode can not be "saef"');
  expect(slip.hint).toBe('did you mean "safe"? it can be fast, safe');
  expect((await read(["put", "x", "--mode", "safe"])).problem).toBeUndefined();
});

test("reading goes on after a mistake, so that --json behind it counts", async () => {
  const result = await read(["nothing", "--wrong", "--json"]);
  expect(result.code).toBe("UNKNOWN_COMMAND");
  expect(result.values).toEqual({ json: true });
});

test("each flag has a variable, and the command line wins", async () => {
  const env = { LULL_JSON: "1", LULL_DRY_RUN: "yes", LULL_SIZE: "7", LULL_NO_COLOR: "true", LULL_QUIET: "" };
  expect((await read(["put", "x"], env)).values).toEqual({
    json: true,
    "dry-run": true,
    size: "7",
    color: false,
  });
  const given = await read(["put", "x", "--no-json", "--size=1", "--color"], env);
  expect(given.values).toEqual({ json: false, "dry-run": true, size: "1", color: true });
  expect((await read(["put", "x"], { LULL_NO_COLOR: "0" })).values).toEqual({ color: true });
});

test("a variable that is neither true nor false is named", async () => {
  const bad = await read(["put", "x"], { LULL_VERBOSE: "loud" });
  expect(bad.problem?.message).toBe(
    'the environment variable LULL_VERBOSE is neither true nor false: "loud"',
  );
});

test("help and version have no variable", async () => {
  expect((await read(["put", "x"], { LULL_HELP: "1", LULL_VERSION: "1" })).values).toEqual({});
});

test("verbose and quiet exclude each other, but the command line silences the environment", async () => {
  expect((await read(["put", "x", "-vq"])).problem?.message).toBe("--verbose and --quiet exclude each other");
  expect((await read(["put", "x", "-v"], { LULL_QUIET: "1" })).values).toEqual({ verbose: true });
});
