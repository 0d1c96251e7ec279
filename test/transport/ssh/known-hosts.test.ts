import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";

import {
  fingerprintOf,
  judgeHostKey,
  knownHostLine,
  knownKeyTypes,
  parseKnownHosts,
} from "../../../src/transport/ssh/known-hosts.ts";
import { addKnownHost, readKnownHosts } from "../../../src/transport/ssh/known-hosts-file.ts";
import { isPublished } from "../../../src/transport/ssh/published-hosts.ts";
import { generateKey } from "../../helpers/sshd.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";
import { failureOf } from "../../helpers/thrown.ts";

const folder = temporaryDirectory();
const key = generateKey(`${folder}/a`, "ed25519");
const other = generateKey(`${folder}/b`, "ed25519");
const rsa = generateKey(`${folder}/c`, "rsa");

const bytesOf = (line: string): Buffer => Buffer.from(line.split(" ")[1] ?? "", "base64");
const judge = (text: string, host = "Example.org", port = 22, shown = key.line): string =>
  judgeHostKey(parseKnownHosts(text, "known_hosts"), { host, port }, bytesOf(shown)).kind;

describe("the key of a server", () => {
  test.each([
    ["example.org", "known"],
    ["EXAMPLE.org,192.0.2.1", "known"],
    ["*.net,exam*.or?", "known"],
    ["*,!example.org", "unknown"],
    ["!example.org,*", "unknown"],
    ["[example.org]:22", "unknown"],
    ["[example.org]:2222", "unknown"],
    ["example.org.evil.net", "unknown"],
    ["exampleXorg", "unknown"],
    ["xample.org", "unknown"],
  ])("with the hosts %s is %s", (hosts, verdict) => {
    expect(judge(`${hosts} ${key.line}\n`)).toBe(verdict);
  });

  test("on another port has a name of its own, and may be known without it", () => {
    expect(judge(`[example.org]:2222 ${key.line}`, "example.org", 2222)).toBe("known");
    expect(judge(`example.org ${key.line}`, "example.org", 2222)).toBe("known");
    expect(judge(`example.org ${other.line}`, "example.org", 2222)).toBe("unknown");
    expect(judge(`[*.org]:* ${key.line}`, "example.org", 2222)).toBe("known");
  });

  test("that differs has changed, also when only another type is known", () => {
    expect(judge(`example.org ${other.line}`)).toBe("changed");
    expect(judge(`example.org ${rsa.line}`)).toBe("changed");
    expect(judge(`example.org ${other.line}\nexample.org ${key.line}`)).toBe("known");
    const entries = parseKnownHosts(`# c\n\nexample.org ${rsa.line}\nexample.org ${other.line}\n`, "file");
    expect(judgeHostKey(entries, { host: "example.org", port: 22 }, bytesOf(key.line))).toEqual({
      kind: "changed",
      place: "file:4",
    });
    expect([...knownKeyTypes(entries, { host: "example.org", port: 22 })]).toEqual([
      "ssh-rsa",
      "ssh-ed25519",
    ]);
  });

  test("that is revoked is refused, whatever else is said of it", () => {
    for (const port of [22, 2222]) {
      expect(judge(`example.org ${key.line}\n@revoked example.org ${key.line}`, "example.org", port)).toBe(
        "revoked",
      );
      expect(judge(`[*]:2222,* ${key.line}\n@revoked * ${key.line}`, "example.org", port)).toBe("revoked");
    }
    expect(judge(`@revoked example.org ${other.line}`)).toBe("unknown");
  });

  test("is vouched for by no authority and by no line that can not be read", () => {
    expect(judge(`@cert-authority * ${key.line}`)).toBe("unknown");
    expect(
      judge(
        `@unheard-of * ${key.line}\nexample.org\nexample.org ssh-ed25519\n|1|x ${key.line}\n|2|a|b ${key.line}`,
      ),
    ).toBe("unknown");
  });

  test("is found by a pattern of many stars at once", () => {
    expect(judge(`${"*".repeat(5000)}a ${key.line}`, "b".repeat(200))).toBe("unknown");
    expect(judge(`${"*b".repeat(12)}*a ${key.line}`, "b".repeat(24))).toBe("unknown");
  });

  test("has the fingerprint that ssh-keygen shows", () => {
    expect(fingerprintOf(bytesOf(key.line))).toBe(key.fingerprint);
    expect(isPublished("GitHub.com", "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU")).toBe(true);
    expect(isPublished("github.com.evil.net", "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU")).toBe(
      false,
    );
    expect(isPublished("constructor", key.fingerprint)).toBe(false);
  });
});

describe("the file", () => {
  test("gets a line of its own, also behind one without a line break", () => {
    const file = `${folder}/deep/known_hosts`;
    addKnownHost(file, knownHostLine("Example.org", 2222, bytesOf(key.line)));
    writeFileSync(file, readFileSync(file, "utf8").trimEnd());
    addKnownHost(file, knownHostLine("example.net", 22, bytesOf(rsa.line)));
    expect(readFileSync(file, "utf8")).toBe(`[example.org]:2222 ${key.line}\nexample.net ${rsa.line}\n`);
    expect(readKnownHosts([`${folder}/missing`, file])).toHaveLength(2);
  });

  test("that can not be read stops the connection: a changed key would look like a new server", async () => {
    expect(
      (await failureOf((async () => readKnownHosts([`${folder}/${"x".repeat(300)}`]))())).message,
    ).toContain("tells the keys of servers");
  });
});
