import { expect, test } from "bun:test";
import { join } from "node:path";

import { createStore } from "../../src/store/database.ts";
import { createNoticeStore } from "../../src/store/sqlite-notice-store.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

test("a subject has one row, which comes back as it was written, also in another process", () => {
  const file = join(temporaryDirectory(), "lull.db");
  const row = {
    subject: "source:notes",
    state: "failed:AUTH",
    since: 1,
    told: "",
    toldAt: undefined,
    detail: "{}",
  };
  {
    using store = createStore(file);
    const notices = createNoticeStore(store);
    notices.save(row);
    notices.save({ ...row, told: "failed:AUTH", toldAt: 2 });
    notices.save({ ...row, subject: "program:network" });
    notices.remove("program:network");
    notices.remove("program:network");
  }
  using store = createStore(file);
  expect(createNoticeStore(store).load()).toEqual([{ ...row, told: "failed:AUTH", toldAt: 2 }]);
});
