import { expect, test } from "bun:test";

import {
  carriedVariables,
  currentUmask,
  notifyWay,
  personBehindSudo,
  serviceUser,
  shellWay,
} from "../../src/platform/service-facts.ts";

test("a service takes over what moves lull's places and GnuPG's, and no secret", () => {
  const environment = {
    LULL_HOME: "/mnt/lull",
    XDG_CONFIG_HOME: "/mnt/config",
    XDG_STATE_HOME: "relative is no place",
    XDG_CACHE_HOME: "",
    GNUPGHOME: "/mnt/gnupg",
    LULL_DEVICE: "study",
    LULL_TOKEN: "s3cret",
    LULL_TOKEN_GIT_EXAMPLE_COM: "s3cret",
    LULL_VERBOSE: "1",
    PATH: "/bin",
  };
  expect(carriedVariables(environment, "linux")).toEqual({
    LULL_HOME: "/mnt/lull",
    XDG_CONFIG_HOME: "/mnt/config",
    GNUPGHOME: "/mnt/gnupg",
    LULL_DEVICE: "study",
  });
  expect(carriedVariables({ ...environment, LULL_HOME: "D:\\lull" }, "windows")).toEqual({
    LULL_HOME: "D:\\lull",
    GNUPGHOME: "/mnt/gnupg",
    LULL_DEVICE: "study",
  });
});

test.each([
  [{}, undefined],
  [{ HTTPS_PROXY: " " }, undefined],
  [
    { HTTP_PROXY: "http://a", https_proxy: "proxy:1" },
    { variable: "https_proxy", url: "http://proxy:1" },
  ],
  [{ ALL_PROXY: "http://a" }, { variable: "ALL_PROXY", url: "http://a" }],
])("of %j the proxy of this shell is %j", (environment, proxy) => {
  expect(shellWay(environment)).toEqual({ proxy, authorities: undefined });
});

test("on Windows a person is named with the domain", () => {
  const environment = { USERNAME: "ada", USERDOMAIN: "DESK" };
  expect(serviceUser(environment, { system: "windows", userId: undefined })).toBe(String.raw`DESK\ada`);
  expect(serviceUser(environment, { system: "linux", userId: 4_000_000 })).toBe("ada");
});

test("after su the user database counts, not the variables of somebody else", () => {
  expect(serviceUser({ USER: "ada" }, { system: "linux", userId: 0 })).toBe("root");
});

test("only root can be somebody behind sudo", () => {
  expect(personBehindSudo({ SUDO_USER: "ada" }, 0)).toBe("ada");
  expect(personBehindSudo({ SUDO_USER: "ada" }, 1000)).toBeUndefined();
  expect(personBehindSudo({}, 0)).toBeUndefined();
});

test("the umask is told and stays", () => {
  const before = process.umask(0o027);
  expect(currentUmask()).toBe(0o027);
  expect(process.umask(before)).toBe(0o027);
});

test("elsewhere than on Linux nobody has to be notified", () => {
  expect(notifyWay("macos")).toBe("directly");
});
