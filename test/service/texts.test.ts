import { expect, test } from "bun:test";
import { join } from "node:path";
import { mkdirSync, writeFileSync } from "node:fs";
import { parse as parsePlist } from "plist";

import { renderAgent } from "../../src/service/launchd-agent.ts";
import { assertFit, MARKER, markOf, specOf } from "../../src/service/service-text.ts";
import { renderUnit } from "../../src/service/systemd-unit.ts";
import { fingerprintOf, renderTask, windowsCommand } from "../../src/service/task-xml.ts";
import { seededRandom } from "../helpers/random.ts";
import { cannotRun } from "../helpers/skip.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { thrown } from "../helpers/thrown.ts";
import { AWKWARD, SPEC } from "./fake-effects.ts";

const TASK = { name: "lull-ada", systemRoot: String.raw`C:\Windows` };
const WINDOWS_SPEC = {
  ...SPEC,
  command: [String.raw`C:\Users\Ada L\lull.exe`, "daemon", "run", "--service"] as const,
  user: String.raw`DESK\ada`,
  stateDirectory: String.raw`C:\Users\Ada L\AppData\Local\lull\state`,
};
const hasPython = Bun.which("python3") !== null;
const hasAnalyze = Bun.which("systemd-analyze") !== null;

test("the unit of a person", () => {
  expect(renderUnit(SPEC, { scope: "user", version: 252 })).toMatchSnapshot();
});

test("the unit of the system, where the manager knows growing pauses between its tries", () => {
  expect(renderUnit(SPEC, { scope: "system", version: 257 })).toMatchSnapshot();
});

test("a unit with everything in it that has to be quoted", () => {
  expect(renderUnit(AWKWARD, { scope: "user", version: undefined })).toMatchSnapshot();
});

test("a system unit of root may write /etc and keeps root's capabilities", () => {
  const text = renderUnit({ ...SPEC, user: "root" }, { scope: "system", version: 252 });
  expect(text).toContain("\nProtectSystem=yes\n");
  expect(text).not.toContain("CapabilityBoundingSet");
});

test("the launchd agent of a person", () => {
  expect(renderAgent(SPEC, "user")).toMatchSnapshot();
});

test("the launchd daemon of the system", () => {
  expect(renderAgent(AWKWARD, "system")).toMatchSnapshot();
});

test("the scheduled task of Windows", () => {
  expect(renderTask(WINDOWS_SPEC, TASK)).toMatchSnapshot();
});

test("a parser of property lists reads back what launchd is to run", () => {
  const agent = parsePlist(renderAgent(AWKWARD, "system")) as Record<string, unknown>;
  expect(agent).toMatchObject({
    Label: "lull.daemon",
    ProgramArguments: AWKWARD.command,
    EnvironmentVariables: AWKWARD.environment,
    UserName: "ada",
    Umask: 0o077,
    KeepAlive: { SuccessfulExit: false, Crashed: true },
    ExitTimeOut: 40,
  });
});

test.skipIf(cannotRun(!hasPython, "there is no python3"))(
  "a parser of XML reads back what the Task Scheduler is to run",
  async () => {
    const spec = { ...WINDOWS_SPEC, command: [String.raw`C:\a & b\<lull>.exe`, "daemon"] as const };
    const script = `import sys, xml.etree.ElementTree as e
r = e.fromstring(sys.stdin.buffer.read())
n = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
print(r.find(n+"Actions/"+n+"Exec/"+n+"Arguments").text)
print(r.find(n+"Triggers/"+n+"LogonTrigger/"+n+"UserId").text)`;
    const bytes = Buffer.from(`\uFEFF${renderTask(spec, TASK)}`, "utf16le");
    const child = Bun.spawn(["python3", "-c", script], { stdin: bytes, stdout: "pipe" });
    expect((await new Response(child.stdout).text()).trimEnd().split("\n")).toEqual([
      String.raw`--headless "C:\a & b\<lull>.exe" daemon`,
      String.raw`DESK\ada`,
    ]);
    expect(await child.exited).toBe(0);
  },
);

test.skipIf(cannotRun(!hasAnalyze, "there is no systemd-analyze"))(
  "systemd itself finds nothing to say about the units",
  async () => {
    for (const scope of ["user", "system"] as const) {
      for (const spec of [SPEC, AWKWARD]) {
        const home = temporaryDirectory();
        mkdirSync(join(home, "run"), { mode: 0o700 });
        const file = join(home, "lull.service");
        // It looks whether the program is there, and whether the person is known here.
        const text = renderUnit(
          { ...spec, command: ["/bin/true", ...spec.command.slice(1)], user: "root" },
          { scope, version: 252 },
        );
        writeFileSync(file, text);
        const child = Bun.spawn(["systemd-analyze", `--${scope}`, "--man=no", "verify", file], {
          env: {
            ...process.env,
            HOME: home,
            XDG_RUNTIME_DIR: join(home, "run"),
            SYSTEMD_LOG_TARGET: "console",
          },
          stdout: "pipe",
          stderr: "pipe",
        });
        const said = (await new Response(child.stderr).text()) + (await new Response(child.stdout).text());
        // Units of other packages on this machine are none of lull's business.
        expect(said.split("\n").filter((line) => line.includes("lull"))).toEqual([]);
        await child.exited;
      }
    }
  },
);

test("what a text was made from can be read back from each of them", () => {
  for (const spec of [SPEC, AWKWARD]) {
    expect(specOf(renderUnit(spec, { scope: "user", version: 252 }))).toEqual(spec);
    expect(specOf(renderAgent(spec, "user"))).toEqual(spec);
    expect(specOf(renderTask(spec, TASK))).toEqual(spec);
    expect(markOf(spec)).toMatch(/^[ -~]+$/);
    expect(markOf(spec)).not.toContain("--");
  }
  expect(specOf("[Service]\nExecStart=/bin/true\n")).toBeUndefined();
  expect(specOf(`${MARKER} {"command":[]}`)).toBeUndefined();
  expect(specOf(`${MARKER} {"command":`)).toBeUndefined();
});

test("the task is known again by a word of its description, whatever the layout", () => {
  const text = renderTask(WINDOWS_SPEC, TASK);
  expect(fingerprintOf(text)).toMatch(/^[0-9a-f]{16}$/);
  expect(fingerprintOf(text.replaceAll(/\s+/g, " "))).toBe(fingerprintOf(text));
  expect(fingerprintOf(renderTask({ ...WINDOWS_SPEC, user: "b" }, TASK))).not.toBe(fingerprintOf(text));
});

test("a line break, a control character and half a character are refused by name", () => {
  for (const bad of ["/a\nb", "/a\u0000b", "/a\u001Bb", "/a\uD800b"]) {
    const spec = { ...SPEC, command: [bad, "daemon"] as const };
    for (const render of [
      () => renderUnit(spec, { scope: "user", version: 252 }),
      () => renderAgent(spec, "user"),
      () => renderTask(spec, TASK),
    ])
      expect(thrown(render).code).toBe("BAD_SERVICE_TEXT");
  }
  expect(() => assertFit("/a\tb é 🌍", "a path")).not.toThrow();
});

test("a command line of Windows comes apart into the same words, by Microsoft's rules", () => {
  const random = seededRandom(7);
  const signs = [`"`, "\\", " ", "a", "é", "\t", "%", "&", "^", "\\\\", `\\"`];
  for (let round = 0; round < 2000; round++) {
    const words = Array.from({ length: 1 + random.below(4) }, () =>
      Array.from({ length: random.below(8) }, () => random.pick(signs)).join(""),
    );
    expect(commandLineToArgv(windowsCommand(words))).toEqual(words);
  }
});

/** CommandLineToArgvW, for words after the first: learn.microsoft.com, "Parsing C command-line arguments". */
function commandLineToArgv(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const sign = line.charAt(at);
    if (!quoted && (sign === " " || sign === "\t")) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word ??= "";
    const slashes = /^\\+/.exec(line.slice(at))?.[0].length ?? 0;
    if (slashes > 0) {
      const isBeforeQuote = line.charAt(at + slashes) === '"';
      word += "\\".repeat(isBeforeQuote ? Math.floor(slashes / 2) : slashes);
      at += slashes - 1;
      if (isBeforeQuote && slashes % 2 === 1) {
        word += '"';
        at++;
      }
    } else if (sign === '"') quoted = !quoted;
    else word += sign;
  }
  return word === undefined ? words : [...words, word];
}
