import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { machineVariants } from "../../src/settings/variants.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const HOME = "/home/ada";

function variants(os: readonly string[], device: readonly string[]) {
  const directory = temporaryDirectory();
  const put = (name: string): void => {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), "");
  };
  return {
    put,
    ...machineVariants({
      directory,
      system: "linux",
      device: "my laptop",
      rules: { os, device },
      home: HOME,
    }),
  };
}

test("apps by name, paths and patterns in the home; the device goes before the system", () => {
  const { nameOf } = variants(["alacritty", "~/.zshrc"], [".config/monitors/", "~/.z*"]);
  const file = (path: string, app?: string) => ({ path: `${HOME}/${path}`, app });
  expect(nameOf("apps/alacritty/a.toml", file(".config/alacritty/a.toml", "alacritty"))).toBe(
    "os/linux/apps/alacritty/a.toml",
  );
  expect(nameOf("home/.zshrc", file(".zshrc"))).toBe("devices/my-laptop/home/.zshrc");
  expect(nameOf("home/.config/monitors/a", file(".config/monitors/a"))).toBe(
    "devices/my-laptop/home/.config/monitors/a",
  );
  expect(nameOf("home/x/.zshrc", file("x/.zshrc"))).toBe("home/x/.zshrc");
  expect(nameOf("home/.bashrc", file(".bashrc"))).toBe("home/.bashrc");
});

test("one that is in the repository counts, whatever the config says; others' are passed over", () => {
  const at = variants([], []);
  at.put("os/linux/home/.a");
  at.put("devices/my-laptop/home/.b.age");
  expect(["home/.a", "home/.b", "home/.c"].map((copy) => at.nameOf(copy))).toEqual([
    "os/linux/home/.a",
    "devices/my-laptop/home/.b",
    "home/.c",
  ]);
  expect(at.copyOf("os/linux/home/.a")).toEqual({ copy: "home/.a", rank: 1 });
  expect(at.copyOf("devices/my-laptop/home/.a")).toEqual({ copy: "home/.a", rank: 2 });
  expect(at.copyOf("home/.a")).toEqual({ copy: "home/.a", rank: 0 });
  expect(at.copyOf("os/macos/home/.a")).toBeUndefined();
  expect(at.copyOf("devices/other/home/.a")).toBeUndefined();
});
