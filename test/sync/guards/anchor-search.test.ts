/** One pass finds exactly what one search for each text finds. */
import { expect, test } from "bun:test";

import { AnchorSearch } from "../../../src/sync/guards/anchor-search.ts";
import { rulesFor } from "../../../src/sync/guards/find-secrets.ts";
import { SECRET_RULES } from "../../../src/sync/guards/secret-rules.ts";
import { seededRandom } from "../../helpers/random.ts";

const TEXTS = [["://", "abc"], ["needle"], ["aab", "SG."], ["\u0001\u0002\u0003"], []];

function byEach(bytes: Buffer): readonly number[] {
  return TEXTS.map((texts) => Number(texts.some((text) => bytes.includes(text))));
}

test("a text is found wherever it begins, in bytes that begin and end anywhere", () => {
  const search = new AnchorSearch(TEXTS);
  const room = Buffer.alloc(64);
  for (const text of TEXTS.flat()) {
    for (let start = 0; start < 3; start++) {
      for (let at = start; at <= 20; at++) {
        for (let end = at; end < at + text.length + 3; end++) {
          room.fill(0x78);
          room.write(text, at);
          const bytes = room.subarray(start, end);
          expect([...search.in(bytes)]).toEqual([...byEach(bytes)]);
        }
      }
    }
  }
});

test("a text that is too short for it is refused", () => {
  expect(() => new AnchorSearch([["=="]])).toThrow(RangeError);
});

test("pieces of anchors in noise: the rules are those that a search for each anchor finds", () => {
  const random = seededRandom(11);
  const anchors = SECRET_RULES.flatMap((rule) => rule.anchors);
  const piece = (): string => {
    const anchor = random.pick(anchors);
    const noise = String.fromCharCode(33 + random.below(90));
    return random.pick([anchor, anchor.slice(0, -1), anchor.slice(1), noise, `${noise}\n`, "@"]);
  };
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: random.below(30) }, piece).join("");
    const bytes = Buffer.from(text, "latin1").subarray(random.below(3));
    const path = random.pick([".env", "a/.npmrc", "x.ts"]);
    const each = SECRET_RULES.filter(
      ({ files, needs, anchors: own }) =>
        files?.test(path) !== false &&
        (needs === undefined || bytes.includes(needs)) &&
        own.some((anchor) => bytes.includes(anchor)),
    );
    expect(rulesFor(path, bytes)).toEqual(each);
  }
});
