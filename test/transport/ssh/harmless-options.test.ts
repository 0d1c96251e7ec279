import { expect, test } from "bun:test";

import { harmfulOption } from "../../../src/transport/ssh/harmless-options.ts";

test.each([
  { words: ["ssh"] },
  { words: ["ssh", "-i", "/home/ada/.ssh/work"] },
  { words: ["ssh", "-i/home/ada/.ssh/work", "-F", "/dev/null", "-4"] },
  { words: ["ssh", "-o", "IdentitiesOnly=yes", "-oIdentityFile=/key", "-o", "User git", "-p", "2222"] },
  { words: ["ssh", "-o", "StrictHostKeyChecking=yes", "-vv", "-aC"] },
])("a repository may say: $words", ({ words }) => {
  expect(harmfulOption(words)).toBeUndefined();
});

test.each([
  [["/tmp/ssh"], "a program other"],
  [["sh", "-c", "id"], "a program other"],
  [["ssh", "-o", "ProxyCommand=sh -c id"], "-o ProxyCommand"],
  [["ssh", "-oproxycommand=x"], "-o proxycommand"],
  [["ssh", "-o", "LocalCommand=x", "-o", "PermitLocalCommand=yes"], "-o LocalCommand"],
  [["ssh", "-oKnownHostsCommand=x"], "-o KnownHostsCommand"],
  [["ssh", "-oPKCS11Provider=/x.so"], "-o PKCS11Provider"],
  [["ssh", "-oSecurityKeyProvider=/x.so"], "-o SecurityKeyProvider"],
  [["ssh", "-oStrictHostKeyChecking=no"], "-o StrictHostKeyChecking"],
  [["ssh", "-oStrictHostKeyChecking=accept-new"], "-o StrictHostKeyChecking"],
  [["ssh", "-oUserKnownHostsFile=/dev/null"], "-o UserKnownHostsFile"],
  [["ssh", "-oHostName=evil.example"], "-o HostName"],
  [["ssh", "-F", "./config"], "-F"],
  [["ssh", "-J", "evil.example"], "-J"],
  [["ssh", "-I", "/x.so"], "-I"],
  [["ssh", "-4A"], "-4A"],
  [["ssh", "-i", String.raw`\\evil.example\share\key`], "-i"],
  [["ssh", "-oIdentityFile=//evil.example/share/key"], "-o IdentityFile"],
  [["ssh", "evil.example"], "evil"],
  [["ssh", "--", "evil.example"], "a word"],
])("a repository may not say: %p", (words, what) => {
  expect(harmfulOption(words)).toStartWith(what);
});
