/** The schema for editors says of each key what it is, and what holds without it. */
import { expect, test } from "bun:test";

import { configJsonSchema } from "../../src/config/json-schema.ts";
import { load } from "./problem-of.ts";

type Node = { readonly [key: string]: unknown };

/** Every key with its path; `*` for a name or a place in a list. */
function keysOf(node: Node, path = ""): readonly (readonly [string, Node])[] {
  const inner = (value: unknown, at: string) =>
    typeof value === "object" && value !== null ? keysOf(value as Node, at) : [];
  const properties = Object.entries((node["properties"] ?? {}) as Record<string, Node>);
  return [
    ...properties.flatMap(([key, value]) => {
      const at = path === "" ? key : `${path}.${key}`;
      return [[at, value] as const, ...keysOf(value, at)];
    }),
    ...inner(node["additionalProperties"], `${path}.*`),
    ...inner(node["items"], `${path}.*`),
    ...((node["anyOf"] ?? []) as readonly Node[]).flatMap((option) => keysOf(option, path)),
  ];
}

const schema = configJsonSchema() as Node;
const keys = keysOf(schema);

test("every key has a title and a sentence", () => {
  expect(keys.length).toBeGreaterThan(80);
  for (const [path, node] of keys) {
    expect([path, typeof node["title"], typeof node["description"]]).toEqual([path, "string", "string"]);
  }
  expect(schema["title"]).toBe("lull configuration");
});

test("the defaults are those that hold", () => {
  const defaults = new Map(keys.map(([path, node]) => [path, node["default"]]));
  const { config } = load("sources: { a: { repo: /a }, c: { discover: /c }, s: { settings: } }");
  expect(defaults.get("daemon.concurrency")).toBe(config.daemon.concurrency);
  expect(defaults.get("daemon.api.port")).toBe(config.daemon.api.port);
  expect(defaults.get("notify.level")).toBe(config.notify.level);
  expect(defaults.get("transport.ssh")).toBe(config.transport.ssh);
  expect(defaults.get("sources.*.schedule")).toBe("every 6h");
  expect(defaults.get("defaults.schedule.jitter")).toBe("0s");
  expect(defaults.get("sources.*.schedule.*.catch_up")).toBe(true);
  expect(defaults.get("sources.*.when.unknown")).toBe(config.sources[0]?.when.unknown);
  expect(defaults.get("sources.*.depth")).toBe(3);
  expect(defaults.get("sources.*.direction")).toBe("both");
  expect(defaults.get("sources.*.files.*.encrypt")).toBe(false);
  expect(defaults.get("notify.email.port")).toBe(465);
  expect(defaults.get("sources.*.repo")).toBeUndefined();
});

test("keys that are not known are refused by editors too", () => {
  expect(schema["additionalProperties"]).toBe(false);
});
