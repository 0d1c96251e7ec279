import { expect, test } from "bun:test";

import { currentSystem, deviceName, homeDirectory, userName } from "../../src/platform/system.ts";

test("the machine has a name that is fit for a file name, and a user", () => {
  expect(deviceName()).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(userName()).not.toBe("");
  expect(["linux", "macos", "windows"]).toContain(currentSystem());
});

test("the environment names the home folder, per system", () => {
  expect(homeDirectory({ HOME: "/home/ada" }, "linux")).toBe("/home/ada");
  expect(homeDirectory({ USERPROFILE: "C:\\Users\\ada", HOME: "/x" }, "windows")).toBe("C:\\Users\\ada");
  expect(homeDirectory({ HOME: "" }, "linux")).not.toBe("");
});
