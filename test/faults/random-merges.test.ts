/**
 * Random three-way merges of texts: no line in the result that neither side had, none missing that one side added, none
 * back that one side removed (reliability.md, figure 6). Beside git, whole trees: `test/git/merge/random-merges`.
 */
import { expect, test } from "bun:test";

import { mergeText } from "../../src/git/merge/merge-text.ts";
import type { Random } from "../helpers/random.ts";
import { caseCount, figure, seed, seeded } from "./options.ts";

const CASES = caseCount(1000, 10_000);
const ENDS = ["\n", "\n", "\n", "\r\n"];

test("a merge invents no line, drops no addition and brings no removed line back", () => {
  const random = seeded();
  let clean = 0;
  for (let index = 0; index < CASES; index++) {
    const base = Array.from({ length: random.below(40) }, () => line(random));
    const [ours, theirs] = [edited(base, random, "ours"), edited(base, random, "theirs")];
    const result = mergeText({ base: bytes(base), ours: bytes(ours), theirs: bytes(theirs) });
    if (result.clean) clean++;
    const where = `case ${index} of seed ${seed}`;
    const found = cut(result.bytes).filter((text) => result.clean || !isMarker(text));
    expect({ where, ...judged({ base, ours, theirs, found, isClean: result.clean }) }).toEqual({
      where,
      invented: [],
      dropped: [],
      broughtBack: [],
    });
  }
  figure("three-way merges", `${CASES} merges, ${clean} clean, no line invented, dropped or brought back`);
  expect(clean).toBeGreaterThan(CASES / 10);
}, 600_000);

type Judged = {
  readonly base: readonly string[];
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly found: readonly string[];
  readonly isClean: boolean;
};

function judged({ base, ours, theirs, found, isClean }: Judged) {
  const [before, mine, yours, now] = [base, ours, theirs, found].map((lines) => new Set(lines.map(bare)));
  if (before === undefined || mine === undefined || yours === undefined || now === undefined)
    throw new Error();
  return {
    invented: [...now].filter((text) => !mine.has(text) && !yours.has(text)),
    dropped: [...mine, ...yours].filter((text) => !before.has(text) && !now.has(text)),
    // In a conflict both sides stand, and one of them may have it still.
    broughtBack: isClean
      ? [...now].filter((text) => before.has(text) && isOwn(text) && (!mine.has(text) || !yours.has(text)))
      : [],
  };
}

/** Bytes of all kinds but NUL, some lines again and again, as blank lines and braces are. */
function line(random: Random): string {
  if (random.chance(0.3)) return random.pick(["\n", "}\n", "  end\n"]);
  const noise = Array.from({ length: random.below(6) }, () => String.fromCharCode(128 + random.below(128)));
  return `own ${random.below(1e9)} ${noise.join("")}${random.pick(ENDS)}`;
}

function isOwn(text: string): boolean {
  return text.startsWith("own ");
}

function edited(base: readonly string[], random: Random, side: string): string[] {
  const lines = [...base];
  for (let left = random.below(4); left > 0; left--) {
    const added = Array.from(
      { length: random.below(4) },
      () => `${side} ${random.below(1e9)}${random.pick(ENDS)}`,
    );
    lines.splice(random.below(lines.length + 1), random.below(4), ...added);
  }
  const last = lines.pop();
  if (last !== undefined) lines.push(random.chance(0.2) ? bare(last) : last);
  return lines.filter((text) => text !== "");
}

function bytes(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join(""), "latin1");
}

function cut(content: Uint8Array): string[] {
  return (
    Buffer.from(content)
      .toString("latin1")
      .match(/[^\n]*\n|[^\n]+$/g) ?? []
  );
}

/** Whether the last line has a break is a matter of its own. */
function bare(text: string): string {
  return text.replace(/\r?\n$/, "");
}

function isMarker(text: string): boolean {
  return /^(<{7}|={7}|>{7})/.test(text);
}
