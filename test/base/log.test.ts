import { expect, test } from "bun:test";

import { createLog, type LogLevel } from "../../src/base/log.ts";

test.each<[LogLevel, readonly string[]]>([
  ["quiet", ["Warning: look"]],
  ["normal", ["Warning: look", "doing"]],
  ["verbose", ["Warning: look", "doing", "  why"]],
])("at level %s it writes %p", (level, expected) => {
  const lines: string[] = [];
  const log = createLog(level, (line) => lines.push(line));
  log.warn("look");
  log.info("doing");
  log.detail("why");
  expect(lines).toEqual([...expected]);
});
