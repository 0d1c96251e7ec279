/** lull as the program that ssh asks for passphrases, started as ssh starts it. */
import { expect, test } from "bun:test";

import { cli } from "../helpers/cli-runner.ts";
import { LULL_COMMAND } from "../helpers/daemon-process.ts";
import { makeDevice } from "../helpers/device.ts";

const KEY = "/home/ada/.ssh/id_ed25519";
const QUESTION = `Enter passphrase for key '${KEY}': `;

async function answerTo(question: string, env: Readonly<Record<string, string>> = {}) {
  const device = makeDevice("laptop", { XDG_RUNTIME_DIR: "/nonexistent" });
  for (const key of [KEY, "/home/ada/.ssh/other"]) {
    const options = { cwd: device.home, env: device.env, input: "open sesame\n" };
    expect((await cli.run(["secret", "set", `ssh-key:${key}`], options)).code).toBe(0);
  }
  const child = Bun.spawn([...LULL_COMMAND, question], {
    cwd: device.home,
    env: { ...device.env, LULL_ASKPASS: JSON.stringify([KEY]), ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

test("prints the passphrase of the key that is asked for", async () => {
  expect(await answerTo(QUESTION)).toEqual({ code: 0, stdout: "open sesame\n", stderr: "" });
});

test("prints it to who signs with the key, which does not name it", async () => {
  const answer = await answerTo("Enter passphrase: ", { LULL_ASKPASS: JSON.stringify({ signing: KEY }) });
  expect(answer).toEqual({ code: 0, stdout: "open sesame\n", stderr: "" });
});

test.each([
  ["a password", "ada@host's password: ", {}],
  ["whether to trust a server", "Are you sure you want to continue connecting (yes/no/[fingerprint])? ", {}],
  ["a stored key that this ssh does not use", "Enter passphrase for key '/home/ada/.ssh/other': ", {}],
  ["a key that is not named, by an ssh", "Enter passphrase: ", {}],
  ["a password, by who signs", "ada@host's password: ", { LULL_ASKPASS: JSON.stringify({ signing: KEY }) }],
  ["what looks like a flag", "--help", {}],
  ["a confirmation", QUESTION, { SSH_ASKPASS_PROMPT: "confirm" }],
  ["a key, with a list that is none", QUESTION, { LULL_ASKPASS: "nonsense" }],
])("says nothing to a question for %s", async (_, question, env) => {
  expect(await answerTo(question, env)).toEqual({ code: 1, stdout: "", stderr: "" });
});
