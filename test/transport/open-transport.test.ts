import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";

import { systemClock } from "../../src/base/clock.ts";
import { redirectedBase } from "../../src/transport/http-redirect.ts";
import { createTransport } from "../../src/transport/open-transport.ts";
import {
  type ByteStream,
  DEFAULT_SETTINGS,
  type OpenOptions,
  type ServiceResponder,
} from "../../src/transport/transport.ts";
import { isRetryable } from "../../src/transport/transport-error.ts";
import { failureOf } from "../helpers/thrown.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

async function* bytes(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function text(stream: ByteStream): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += Buffer.from(chunk).toString();
  return all;
}

const echo: ServiceResponder = {
  advertise: async (service, protocol) => bytes(service, String(protocol)),
  respond: async (service, request) => bytes(`${service}:${await text(request)}`),
};

function transport(served: string[], home?: string) {
  return createTransport({
    credentials: async () => undefined,
    createResponder: (directory) => {
      served.push(directory);
      return echo;
    },
    clock: systemClock,
    ...(home === undefined ? {} : { homeDirectory: home }),
  });
}

const options: OpenOptions = { signal: new AbortController().signal };

describe("a local remote", () => {
  test("is served by the responder of its folder, and its bytes are counted", async () => {
    const folder = temporaryDirectory();
    mkdirSync(`${folder}/backup`);
    const served: string[] = [];
    const counted = { up: 0, down: 0 };
    for (const address of [`${folder}/backup`, `file://${folder}/backup`, "~/backup"]) {
      const connection = await transport(served, folder).open(address, {
        ...options,
        onBytes: (direction, count) => (counted[direction] += count),
      });
      await expect(connection.remote).toBe(`${folder}/backup`);
      expect(await text(await connection.advertise("git-upload-pack", 0))).toBe("git-upload-pack0");
      expect(await text(await connection.exchange("git-upload-pack", bytes("ab", "c")))).toBe(
        "git-upload-pack:abc",
      );
      await connection.close();
      expect(await text(await connection.exchange("git-upload-pack", bytes()))).toBe("git-upload-pack:");
    }
    expect(new Set(served)).toEqual(new Set([`${folder}/backup`]));
    expect(served.length).toBe(6);
    expect(counted).toEqual({ up: 9, down: 3 * (16 + 19 + 16) });
  });

  test("whose path is missing is offline, and a file in its place is not found", async () => {
    const folder = temporaryDirectory();
    writeFileSync(`${folder}/file`, "");
    for (const [path, code, kind] of [
      [`${folder}/missing`, "OFFLINE", "unreachable"],
      [`${folder}/file/below`, "OFFLINE", "unreachable"],
      [`${folder}/file`, "REPO_NOT_FOUND", "failed"],
      [`${folder}/${"x".repeat(300)}`, "ENAMETOOLONG", "failed"],
    ] as const) {
      const connection = await transport([]).open(path, options);
      await expect(connection.advertise("git-upload-pack", 0)).rejects.toMatchObject({ code, kind });
      await expect(connection.exchange("git-upload-pack", bytes())).rejects.toMatchObject({ code, kind });
    }
  });

  test("stops at a signal, before and amid an answer", async () => {
    const folder = temporaryDirectory();
    const controller = new AbortController();
    const connection = await transport([]).open(folder, {
      signal: controller.signal,
      onBytes: () => controller.abort(),
    });
    await expect(text(await connection.advertise("git-upload-pack", 0))).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    await expect(connection.exchange("git-upload-pack", bytes())).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
  });
});

test("without the means for it an ssh address is refused in words", async () => {
  const connection = await transport([]).open("git@github.com:me/x.git", options);
  const error = await failureOf(connection.advertise("git-upload-pack", 2));
  expect(error.code).toBe("UNSUPPORTED");
  expect(error.message).toStartWith("git@github.com:me/x.git needs SSH");
  expect(isRetryable(error)).toBe(false);
  await connection.close();
});

test("a redirect from http to https is followed on the same host only", () => {
  const redirect = {
    base: "http://example.com/a",
    suffix: "/info/refs?service=git-upload-pack",
    remote: "x",
  };
  const to = (origin: string) => redirectedBase({ ...redirect, location: `${origin}/a${redirect.suffix}` });
  expect(to("https://example.com")).toBe("https://example.com/a");
  expect(() => to("https://example.com:8443")).toThrow("another server");
  expect(() => to("https://example.org")).toThrow("another server");
  expect(() =>
    redirectedBase({
      ...redirect,
      base: "https://example.com/a",
      location: `http://example.com/a${redirect.suffix}`,
    }),
  ).toThrow("another server");
});

describe("the SSH of a remote", () => {
  const nobody = { environment: {}, home: "/nowhere", userName: "nobody", findProgram: () => undefined };
  const unused = (): never => {
    throw new Error("nothing is to be started");
  };

  test("is the one of the source, else the one of the config as it is now", async () => {
    let ssh: "auto" | "system" = "system";
    const sshTransport = createTransport({
      credentials: async () => undefined,
      createResponder: () => echo,
      clock: systemClock,
      settings: async () => ({ ...DEFAULT_SETTINGS, ssh }),
      ssh: { ...nobody, startProgram: unused, runProgram: unused },
    });
    const failing = async (own: Pick<OpenOptions, "settings">): Promise<string> => {
      const connection = await sshTransport.open("git@127.0.0.1:9/x.git", { ...options, ...own });
      return (await failureOf(connection.advertise("git-upload-pack", 2))).message;
    };
    const noSystem = "`transport.ssh` is `system` and there is no `ssh` on PATH";
    expect(await failing({})).toContain(noSystem);
    expect(await failing({ settings: { ...DEFAULT_SETTINGS, ssh: "builtin" } })).not.toContain(noSystem);
    ssh = "auto";
    expect(await failing({})).not.toContain(noSystem);
    expect(await failing({ settings: { ...DEFAULT_SETTINGS, ssh: "system" } })).toContain(noSystem);
  });
});
