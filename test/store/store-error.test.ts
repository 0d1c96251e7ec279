import { expect, test } from "bun:test";

import { LullError } from "../../src/base/errors.ts";
import { storeError } from "../../src/store/store-error.ts";

test("a full disk is named as such, however SQLite met it", () => {
  for (const code of ["SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "ENOSPC"]) {
    const thrown = Object.assign(new Error("disk I/O error"), { code });
    expect(storeError(thrown, "write into the history /x/lull.db")).toMatchObject({
      code: "ENOSPC",
      message: "cannot write into the history /x/lull.db: the disk is full",
    });
  }
});

test("other trouble names the file and how to go on, and errors in words pass unchanged", () => {
  expect(storeError(new Error("malformed"), "read the history /x/lull.db")).toMatchObject({
    code: "STORE_UNUSABLE",
    message: "cannot read the history /x/lull.db: malformed",
  });
  const known = new LullError({ kind: "config", code: "STORE_NEWER", message: "m" });
  expect(storeError(known, "read")).toBe(known);
});
