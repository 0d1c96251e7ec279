import { expect, test } from "bun:test";

import { hidePasswords, hidePasswordsIn } from "../../src/app/hide-passwords.ts";

test("user and password of an address give way to stars, also with a slash or an at sign in the password", () => {
  for (const secret of ["ada:canary", "canary", "ada:ca/nary", "ada:ca@nary"]) {
    expect(hidePasswords(`remote: https://${secret}@h.example/x.git # mine\n`)).toBe(
      "remote: https://***@h.example/x.git # mine\n",
    );
  }
});

test("addresses without a password, other texts and missing values stay", () => {
  const text = "https://h.example/@scope/x git@h.example:me/x.git ssh://git@h.example/x mail@h.example";
  expect(hidePasswords(text)).toBe(text);
  expect(hidePasswordsIn(undefined)).toBeUndefined();
  expect(hidePasswordsIn([{ url: "http://a:b@h/x" }])).toEqual([{ url: "http://***@h/x" }]);
});
