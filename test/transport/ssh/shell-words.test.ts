/** A command line is taken apart as `/bin/sh` does it, which is asked in each case. */
import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";

import { shellWords } from "../../../src/transport/ssh/shell-words.ts";

const VARIABLES = { HOME: "/home/ada", KEY: "id_work", EMPTY: "", TWO: "a b", GLOB: "*" };

function asTheShellDoes(text: string): readonly string[] {
  const { status, stdout } = spawnSync("/bin/sh", ["-c", `printf '%s\\0' ${text}`], {
    env: VARIABLES,
    cwd: "/",
  });
  if (status !== 0) throw new Error(`sh does not take ${text}`);
  return stdout.toString().split("\0").slice(0, -1);
}

test.each([
  "ssh -i ~/.ssh/work -o IdentitiesOnly=yes",
  "ssh  -i   'a key'\t-F /dev/null",
  `ssh -i "$HOME/.ssh/$KEY"`,
  `ssh -i \${HOME}/.ssh/\${KEY}_2`,
  String.raw`ssh -i /a\ key\'s`,
  String.raw`ssh "a\"b\\c\$HOME\x"`,
  `ssh '' "" a''b`,
  `ssh "$TWO" "$GLOB" $EMPTY"x" "$NONE"`,
  "ssh $EMPTY -v $EMPTY",
  "ssh ~ ~/x x~ a=~/x '~/x' \"~/x\" \\~/x",
  "ssh {a,b} a!b a#b a%h ^ a$ $ a@b:c",
  "ssh -o 'ProxyCommand=nc %h %p | cat'",
  "'/Program Files/ssh' -v",
  "ssh ümläut '\u{1f600}'",
])("words of: %s", (text) => {
  expect(shellWords(text, VARIABLES)).toEqual({ kind: "words", words: asTheShellDoes(text) });
});

describe("needs a shell:", () => {
  test.each([
    ["ssh | tee log", "pipe"],
    ["ssh; true", "commands"],
    ["ssh & true", "commands"],
    ["ssh && true", "commands"],
    ["ssh || true", "pipe"],
    ["ssh 2> log", "redirection"],
    ["(ssh)", "parentheses"],
    ["ssh $(cat key)", "output"],
    ["ssh `cat key`", "output"],
    ['ssh "$(cat key)"', "output"],
    ["ssh $((1 + 1))", "output"],
    ["ssh ${KEY:-other}", "output"],
    ["ssh $1", "output"],
    ["ssh -i ~/.ssh/*", "pattern"],
    ["ssh -i ~bob/key", "somebody else"],
    ["ssh # a comment", "comment"],
    ["ssh 'open", "does not end"],
    ['ssh "open', "does not end"],
    ["ssh \\", "does not end"],
    ["ssh $TWO", "blanks"],
    ["ssh $GLOB", "patterns"],
    ["ssh\ntrue", "commands"],
  ])("%s", (text, what) => {
    expect(shellWords(text, VARIABLES)).toEqual({
      kind: "needs-shell",
      what: expect.stringContaining(what),
    });
  });
});
