import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { currentSystem, deviceName, homeDirectory, userName } from "../../src/platform/system.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

test("the machine has a name that is fit for a file name, and a user", () => {
  expect(deviceName()).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(["linux", "macos", "windows"]).toContain(currentSystem());
});

test("the environment names the home folder, per system", () => {
  expect(homeDirectory({ HOME: "/home/ada" }, "linux")).toBe("/home/ada");
  expect(homeDirectory({ USERPROFILE: "C:\\Users\\ada", HOME: "/x" }, "windows")).toBe("C:\\Users\\ada");
  expect(homeDirectory({ HOME: "" }, "linux")).not.toBe("");
});

test("the user's name comes from the environment, then from the user database", () => {
  expect(userName({ USER: "ada" })).toBe("ada");
  expect(userName({ LOGNAME: "bo" })).toBe("bo");
  expect(userName({ USERNAME: "cy" })).toBe("cy");
  const passwd = join(temporaryDirectory(), "passwd");
  writeFileSync(passwd, `other:x:99999:1::/:/bin/sh\nada:x:${process.getuid?.()}:1:Ada:/home/ada:/bin/sh\n`);
  expect(userName({ USER: "" }, passwd)).toBe("ada");
  writeFileSync(passwd, "other:x:99999:1::/:/bin/sh\n");
  expect(userName({}, passwd)).toBe("lull");
  expect(userName({}, "/nonexistent/passwd")).toBe("lull");
});
