import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { loadConfig } from "../../../src/git/repository-config/load-config.ts";
import { signingRequest, type SignPolicy } from "../../../src/git/repository-config/signing-request.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

/** @param own of the person, @param local of the repository, as git's files have it */
function request(own: string, local = "", sign: SignPolicy = "auto") {
  const home = temporaryDirectory();
  git(home, "init", "-q", "notes");
  writeFileSync(join(home, ".gitconfig"), own);
  const gitDirectory = join(home, "notes/.git");
  writeFileSync(join(gitDirectory, "config"), local);
  const config = loadConfig({ gitDirectory, environment: { HOME: home, GIT_CONFIG_NOSYSTEM: "1" } });
  return { home, gitDirectory, request: signingRequest({ config, home, sign }) };
}

const ON = "[commit]\n\tgpgSign\n";

test("commits are signed where git signs them, unless the source says otherwise", () => {
  expect(request("").request).toBeUndefined();
  expect(request("[user]\n\tsigningKey = AB12\n").request).toBeUndefined();
  expect(request(ON).request).toMatchObject({ format: "openpgp", key: undefined, program: undefined });
  expect(request(ON, "[commit]\n\tgpgsign = no\n").request).toBeUndefined();
  expect(request("", ON).request).toBeDefined();
  expect(request(ON, "", "never").request).toBeUndefined();
  expect(request("[commit]\n\tgpgSign = false\n", "", "always").request).toBeDefined();
});

test("a repository has its own key and format; the programs are the person's", () => {
  const own = `${ON}[user]\n\tsigningKey = AB12\n[gpg]\n\tprogram = own-gpg\n[gpg "ssh"]\n\tprogram = ~/bin/own-ssh\n`;
  expect(request(own).request).toMatchObject({ key: "AB12", program: "own-gpg", unheeded: [] });
  const local = `[user]\n\tsigningkey = ~/.ssh/work.pub\n[gpg]\n\tformat = ssh\n\tprogram = evil\n[gpg "ssh"]\n\tprogram = evil\n\tdefaultKeyCommand = evil\n`;
  const { home, gitDirectory, request: found } = request(own, local);
  expect(found).toEqual({
    format: "ssh",
    key: join(home, ".ssh/work.pub"),
    program: join(home, "bin/own-ssh"),
    keyCommand: undefined,
    unheeded: [
      `gpg.ssh.program in ${join(gitDirectory, "config")}`,
      `gpg.ssh.defaultkeycommand in ${join(gitDirectory, "config")}`,
    ],
  });
});

test("what a repository's config includes is the repository's as well", () => {
  const home = temporaryDirectory();
  writeFileSync(join(home, "more"), "[gpg]\n\tprogram = evil\n");
  const { request: found } = request(ON, `[include]\n\tpath = ${join(home, "more")}\n`);
  expect(found).toMatchObject({ program: undefined, unheeded: [`gpg.program in ${join(home, "more")}`] });
});

test("gpg.program and gpg.openpgp.program are one; each other format has its own", () => {
  expect(request(`${ON}[gpg "openpgp"]\n\tprogram = own\n`).request?.program).toBe("own");
  const x509 = `${ON}[gpg]\n\tprogram = own\n\tformat = x509\n[gpg "x509"]\n\tprogram = smimesign\n`;
  expect(request(x509).request).toMatchObject({ format: "x509", program: "smimesign" });
});

test("a format that git does not know is told", () => {
  const error = thrown(() => request(`${ON}[gpg]\n\tformat = pgp\n`));
  expect(error).toMatchObject({ kind: "config", code: "GIT_CONFIG_INVALID" });
  expect(error.message).toContain('"pgp"');
});
