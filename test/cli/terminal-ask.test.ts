import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";

import { LullError } from "../../src/base/errors.ts";
import { terminalAsk } from "../../src/cli/terminal-ask.ts";

const ENTER = "\r";
const DOWN = "\u001B[B";
const CTRL_C = "\u0003";

/** A terminal on which `keys` are typed once the first prompt stands. */
function terminal(keys: readonly string[]) {
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = "";
  let typed = false;
  output.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
    if (typed) return;
    typed = true;
    queueMicrotask(() => {
      for (const key of keys) input.write(key);
    });
  });
  return { ask: terminalAsk(new AbortController().signal, { input, output }), shown: () => shown };
}

const CHOICES = [
  { value: "one", label: "First" },
  { value: "two", label: "Second", hint: "the other" },
] as const;

test("Enter takes the proposal, typing replaces it", async () => {
  expect(await terminal([ENTER]).ask.text({ message: "Folder?", initial: "~/notes" })).toBe("~/notes");
  expect(await terminal(["abc", ENTER]).ask.text({ message: "Folder?", initial: "~/notes" })).toBe("abc");
});

test("an answer that will not do is refused with its reason, and another one is taken", async () => {
  const { ask, shown } = terminal(["x", ENTER, "y", ENTER]);
  const answer = await ask.text({
    message: "Folder?",
    initial: "",
    check: (text) => (text === "x" ? "x does not exist" : undefined),
  });
  expect(answer).toBe("xy");
  expect(shown()).toContain("x does not exist");
});

test("a secret that is typed does not show", async () => {
  const { ask, shown } = terminal(["c4nary", ENTER]);
  expect(await ask.secret("Token?")).toBe("c4nary");
  expect(shown()).not.toContain("c4n");
});

test("a choice is made with the arrow keys", async () => {
  expect(await terminal([ENTER]).ask.choose({ message: "Which?", choices: CHOICES })).toBe("one");
  expect(await terminal([DOWN, ENTER]).ask.choose({ message: "Which?", choices: CHOICES })).toBe("two");
});

test("Ctrl-C ends the questions as an interruption", async () => {
  const error = await terminal([CTRL_C])
    .ask.text({ message: "Folder?", initial: "" })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LullError);
  expect(error).toMatchObject({ kind: "interrupted", message: "cancelled; nothing was changed" });
});
