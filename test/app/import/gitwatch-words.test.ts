import { describe, expect, test } from "bun:test";

import { readGitwatchOptions } from "../../../src/app/import/gitwatch-options.ts";
import { programArguments } from "../../../src/app/import/plist-text.ts";
import { readCommands } from "../../../src/app/import/shell-words.ts";
import { execStarts, unescapeUnitName } from "../../../src/app/import/unit-text.ts";

const HOME = "/home/me";

function words(line: string): readonly (readonly string[])[] {
  return readCommands(line, { HOME, USER: "me" }).map((command) =>
    command.map(({ text, isUnknown }) => (isUnknown ? `?${text}` : text)),
  );
}

describe("the words of", () => {
  const CASES: readonly (readonly [string, readonly (readonly string[])[]])[] = [
    ["gitwatch -s 5 ~/notes &", [["gitwatch", "-s", "5", "/home/me/notes"]]],
    ["a 'b  c' \"d e\" f\\ g", [["a", "b  c", "d e", "f g"]]],
    [`a x'y'"z"`, [["a", "xyz"]]],
    ["a \"it's\" ''", [["a", "it's", ""]]],
    ["cd / && a b; c | d || e", [["cd", "/"], ["a", "b"], ["c"], ["d"], ["e"]]],
    ["a b >/dev/null 2>&1 &", [["a", "b"]]],
    ["a > out b 2> err < in", [["a", "b"]]],
    ["a &>log c", [["a"], ["c"]]],
    ["a b # c d", [["a", "b"]]],
    ["a b#c", [["a", "b#c"]]],
    ['a "$HOME/x" ${HOME}/y $USER', [["a", "/home/me/x", "/home/me/y", "me"]]],
    ["a '$HOME' \"\\$HOME\" ~other a~", [["a", "$HOME", "$HOME", "~other", "a~"]]],
    ['a $OTHER "$(date)" `x` b', [["a", "?", "?$(date)", "?x", "b"]]],
    ["a 'open", [["a", "?open"]]],
    ["", []],
  ];
  for (const [line, expected] of CASES) test(line, () => expect(words(line)).toEqual(expected));
});

describe("the options of", () => {
  const read = (line: string): unknown => {
    const found = readGitwatchOptions(readCommands(line, { HOME })[0] ?? []);
    return found.kind === "options" ? found.options : found.reason;
  };
  const plain = {
    target: "/home/me/n",
    quietSeconds: 2,
    remote: undefined,
    branch: undefined,
    message: undefined,
    pulls: false,
    gitDirectory: undefined,
    others: [],
  };
  const CASES: readonly (readonly [string, unknown])[] = [
    ["~/n", plain],
    [
      "-s 60 -r origin -b main -R -m 'auto %d' ~/n",
      { ...plain, quietSeconds: 60, remote: "origin", branch: "main", pulls: true, message: "auto %d" },
    ],
    ["-s60 -rorigin -fMR ~/n", { ...plain, quietSeconds: 60, remote: "origin", pulls: true }],
    ["'-r https://h/n.git' ~/n", { ...plain, remote: "https://h/n.git" }],
    ["-s 0.2 -r '' -- ~/n", { ...plain, quietSeconds: 1 }],
    [
      "-s 2m -d +%F -L 10 -x '*.log' -e modify -q -g ~/g ~/n",
      { ...plain, quietSeconds: 120, gitDirectory: "/home/me/g", others: ["-d", "-L", "-x", "-e", "-q"] },
    ],
    ["-s soon ~/n", '"-s soon" is no number of seconds'],
    ["-r origin", "no folder is named"],
    ["a b", "it names more than one folder, which gitwatch itself refuses"],
    ["$NOTES", "its command line has variables or substitutions that only its shell could fill in"],
  ];
  for (const [line, expected] of CASES) test(line, () => expect(read(line)).toEqual(expected as never));
});

test("units: continuation, prefixes, specifiers, environment and escaped names of instances", () => {
  const text = `[Service]
Environment="SCRIPT_ARGS=%I" MORE='x y' PLAIN=z
ExecStartPre=/bin/true
ExecStart=-/usr/bin/gitwatch $SCRIPT_ARGS \\
  %h/100%% \${PLAIN} $UNKNOWN
`;
  const instance = unescapeUnitName("\\x27\\x2dr\\x20git\\x40h:n\\x27\\x20-home-me-b\\xc3\\xbccher");
  expect(instance).toBe("'-r git@h:n' /home/me/bücher");
  expect(execStarts({ text, name: "x", instance }, HOME)).toEqual([
    "/usr/bin/gitwatch '-r git@h:n' /home/me/bücher    /home/me/100% z $UNKNOWN",
  ]);
});

test("property lists: the arguments of the program, decoded; one that is not in XML has none", () => {
  const xml = `<plist><dict><key>Label</key><string>x</string>
<!-- <key>ProgramArguments</key><array><string>old</string></array> -->
<key>ProgramArguments</key>
<array><string>/a/gitwatch</string><string>a &amp; b &#228; &lt;&unknown;</string><string/></array></dict></plist>`;
  expect(programArguments(xml)).toEqual(["/a/gitwatch", "a & b ä <&unknown;", ""]);
  expect(programArguments("bplist00…gitwatch")).toBeUndefined();
});
