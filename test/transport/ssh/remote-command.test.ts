import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";

import { PacketFollower } from "../../../src/transport/ssh/packet-follower.ts";
import { commandFailure, serviceCommand } from "../../../src/transport/ssh/remote-command.ts";

test.each(["plain.git", "it's", "a!b", "$(id) `id` $HOME", "a b\\n", "-n", 'ü"', "''", "!'"])(
  "a shell takes the path %s for itself",
  (path) => {
    const { text } = serviceCommand("git-upload-pack", path, 2);
    const { stdout } = spawnSync("sh", ["-c", text.replace("git-upload-pack", "printf %s")], {
      encoding: "utf8",
    });
    expect(stdout).toBe(path);
  },
);

test("a path is quoted as git quotes it", () => {
  expect(serviceCommand("git-receive-pack", "it's!", 0).text).toBe("git-receive-pack 'it'\\''s'\\!''");
});

test("version 2 is asked for where it exists", () => {
  expect(serviceCommand("git-upload-pack", "a", 2).environment).toEqual({ GIT_PROTOCOL: "version=2" });
  expect(serviceCommand("git-upload-pack", "a", 0).environment).toEqual({});
  expect(serviceCommand("git-receive-pack", "a", 2).environment).toEqual({});
});

test("a command that a signal ended, or that broke off, is an answer that was cut", () => {
  expect(commandFailure({ code: undefined, stderr: "" }, "fetch").code).toBe("TRUNCATED");
  expect(commandFailure({ code: 0, stderr: "" }, "fetch").code).toBe("TRUNCATED");
});

describe("the end of an answer", () => {
  test("is a flush, however the bytes are split", () => {
    const bytes = Buffer.from("0009hello000100060000040000");
    for (const size of [1, 2, 3, 4, 5, bytes.length]) {
      const follower = new PacketFollower();
      for (let at = 0; at < bytes.length; at += size) {
        expect(follower.isAtFlush).toBe(false);
        follower.feed(bytes.subarray(at, at + size));
      }
      expect(follower.isAtFlush).toBe(true);
      follower.feed(Buffer.from("0"));
      expect(follower.isAtFlush).toBe(false);
    }
  });

  test("is not four zeros inside a packet, nor anything behind wrong framing", () => {
    const inside = new PacketFollower();
    inside.feed(Buffer.from("000c00000000"));
    expect(inside.isAtFlush).toBe(false);
    const wrong = new PacketFollower();
    wrong.feed(Buffer.from("oops0000"));
    expect(wrong.isAtFlush).toBe(false);
  });
});
