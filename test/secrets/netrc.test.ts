import { expect, test } from "bun:test";

import { netrcEntry, parseNetrc } from "../../src/secrets/netrc.ts";

test("entries over one line or many, quotes, comments, accounts and macros", () => {
  const entries = parseNetrc(
    [
      "# machine commented login x password y",
      "machine a.example login ada password secret",
      "machine b.example",
      '  login "with space"',
      String.raw`  password "quo\"te\\"`,
      "  account none",
      "macdef init",
      "machine hidden.example login x password y",
      "",
      "default login anonymous password me@h",
    ].join("\n"),
  );
  expect(entries).toEqual([
    { machine: "a.example", login: "ada", password: "secret" },
    { machine: "b.example", login: "with space", password: 'quo"te\\' },
    { machine: undefined, login: "anonymous", password: "me@h" },
  ]);
});

test("a host gets its own entry, in any case, else the default", () => {
  const entries = parseNetrc("machine A.example login a password 1\ndefault password 2");
  expect(netrcEntry(entries, "a.example")).toMatchObject({ password: "1" });
  expect(netrcEntry(entries, "b.example")).toMatchObject({ password: "2" });
  expect(netrcEntry(parseNetrc("machine a.example"), "b.example")).toBeUndefined();
});

test("what can not be understood is passed over", () => {
  expect(parseNetrc("login x password y")).toEqual([]);
  expect(parseNetrc("machine")).toEqual([{ machine: undefined, login: undefined, password: undefined }]);
  expect(parseNetrc("macdef x\nnever ends\nmachine a password b")).toEqual([]);
});
