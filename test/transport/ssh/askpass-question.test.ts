import { expect, test } from "bun:test";

import { keyAskedFor } from "../../../src/transport/ssh/askpass-question.ts";

const KEY = "/home/ada/.ssh/id_ed25519";
const LONG = `/home/ada/${"x".repeat(100)}`;

test.each([
  [`Enter passphrase for key '${KEY}': `, KEY],
  [`Enter passphrase for key '${KEY}':`, KEY],
  ["Enter passphrase for key '/home/ada/.ssh/../.ssh/id_ed25519': ", KEY],
  [`Enter passphrase for key '${LONG.slice(0, 100)}': `, LONG],
])("knows the question %p", (question, key) => {
  expect(keyAskedFor(question, [KEY, LONG])).toBe(key);
});

test.each([
  "Enter passphrase for key '/home/ada/.ssh/other': ",
  "Enter passphrase for key '/home/ada/.ssh/id': ",
  `(ada@host) Enter passphrase for key '${KEY}': `,
  `Enter passphrase for key '${KEY}': and your PIN: `,
  `Enter PIN for ED25519-SK key ${KEY}: `,
  `Confirm user presence for key ED25519-SK ${KEY}`,
  "ada@host's password: ",
  "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
  `Add key ${KEY} (ada) to agent?`,
  "",
])("has no answer to %p", (question) => {
  expect(keyAskedFor(question, [KEY, LONG])).toBeUndefined();
});

test("takes none of two keys that look alike in ssh's question", () => {
  const question = `Enter passphrase for key '${LONG.slice(0, 100)}': `;
  expect(keyAskedFor(question, [`${LONG}1`, `${LONG}2`])).toBeUndefined();
});
