import { expect, test } from "bun:test";

import { redactUrl } from "../../src/base/redact-url.ts";

test.each([
  ["https://me:s3cret@example.com/a.git", "https://example.com/a.git"],
  ["https://s3cret@example.com/a.git", "https://example.com/a.git"],
  ["https://me:s3@cret@example.com/a.git", "https://example.com/a.git"],
  ["https://me:s3/cret@example.com/a.git", "https://example.com/a.git"],
  ["https://me:1/s3cret@example.com/a.git", "https://me:1/s3cret@example.com/a.git"],
  ["HTTPS://me:s3cret@example.com:8443/a.git", "HTTPS://example.com:8443/a.git"],
  ["https://example.com:8443/@scope/a.git", "https://example.com:8443/@scope/a.git"],
  ["https://example.com/a.git?token=s3cret#s3cret", "https://example.com/a.git"],
  ["https://example.com/a.git#s3cret", "https://example.com/a.git"],
  ["ssh://git:s3cret@example.com:22/a.git", "ssh://git@example.com:22/a.git"],
  ["git+ssh://git@example.com/a.git", "git+ssh://git@example.com/a.git"],
  ["me:s3cret@example.com/a.git", "example.com/a.git"],
  ["https://ho\u001b[31mst/x", "https://ho\\x1b[31mst/x"],
])("%p is shown as %p", (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});

test.each([
  "git@example.com:me/a.git",
  "/srv/git/a@b.git",
  "~/a@b",
  "../a.git",
  "file:///srv/a@b.git",
  "C:\\git\\a",
  "",
])("%p stays", (url) => {
  expect(redactUrl(url)).toBe(url);
});
