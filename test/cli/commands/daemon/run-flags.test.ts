import { expect, test } from "bun:test";

import { checkedInterval } from "../../../../src/cli/commands/daemon/run-flags.ts";
import { thrown } from "../../../helpers/thrown.ts";

test("an interval is a duration of ten seconds or more", () => {
  expect(checkedInterval("15m")).toBe(900_000);
  for (const text of ["", "15", "5s", "0", "soon"]) {
    expect(thrown(() => checkedInterval(text))).toMatchObject({ kind: "usage", code: "BAD_VALUE" });
  }
});
