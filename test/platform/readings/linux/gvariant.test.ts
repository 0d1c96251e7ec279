/** The two texts in which services answer become the same values. */
import { expect, test } from "bun:test";

import { plainJson } from "../../../../src/platform/readings/linux/busctl-json.ts";
import { parseGVariant } from "../../../../src/platform/readings/linux/gvariant.ts";

test("what gdbus prints", () => {
  expect(parseGVariant("(true,)\n")).toEqual([true]);
  expect(parseGVariant("()")).toEqual([]);
  expect(parseGVariant("(uint64 41298,)")).toEqual([41_298]);
  expect(
    parseGVariant(
      "([('2', 1000, 'me', 'seat0', objectpath '/org/freedesktop/login1/session/_32'), ('c1', uint32 0, \"it's\", '', '/x')],)",
    ),
  ).toEqual([
    [
      ["2", 1000, "me", "seat0", "/org/freedesktop/login1/session/_32"],
      ["c1", 0, "it's", "", "/x"],
    ],
  ]);
  expect(
    parseGVariant(
      "({'OnBattery': <false>, 'Percentage': <57.5>, 'Since': <uint64 1700000000000000>, 'Ssid': <[byte 0x68, 0x6f]>, 'Name': <b'ho\\303\\251'>, 'None': <@as []>, 'Bytes': <@ay []>, 'Profiles': <[{'Profile': <'power-saver'>}]>, 'Neg': <int16 -3>, 'Exp': <1e-05>, 'Maybe': <@ms nothing>},)",
    ),
  ).toEqual([
    {
      OnBattery: false,
      Percentage: 57.5,
      Since: 1_700_000_000_000_000,
      Ssid: [0x68, 0x6f],
      Name: [0x68, 0x6f, 0xc3, 0xa9],
      None: [],
      Bytes: [],
      Profiles: [{ Profile: "power-saver" }],
      Neg: -3,
      Exp: 1e-5,
      Maybe: undefined,
    },
  ]);
  expect(parseGVariant(String.raw`('a\'b\\c\ndé',)`)).toEqual(["a'b\\c\ndé"]);
});

test("what busctl prints", () => {
  expect(plainJson("")).toEqual([]);
  expect(plainJson('{"type":"t","data":[41298]}')).toEqual([41_298]);
  expect(
    plainJson(
      '{"type":"a{sv}","data":[{"OnBattery":{"type":"b","data":false},"Profiles":{"type":"aa{sv}","data":[{"Profile":{"type":"s","data":"power-saver"}}]},"type":{"type":"s","data":"x"}}]}\n',
    ),
  ).toEqual([{ OnBattery: false, Profiles: [{ Profile: "power-saver" }], type: "x" }]);
});

test("anything else is no value, and nothing worse", () => {
  for (const text of ["", "(", "(1", "(1,) more", "({'a': },)", "'open", "[1 2]", "<", "@", "{", "b", "\\"])
    expect([text, parseGVariant(text)]).toEqual([text, undefined]);
  expect(parseGVariant("[".repeat(100_000))).toBeUndefined();
  expect(parseGVariant(`(${"@a ".repeat(100_000)}`)).toBeUndefined();
  expect(plainJson("Failed to connect")).toBeUndefined();
  expect(plainJson("null")).toBeUndefined();
});
