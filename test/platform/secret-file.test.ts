import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { readSecretFile, secretFiles } from "../../src/platform/secret-file.ts";
import { cannotRun } from "../helpers/skip.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { thrown } from "../helpers/thrown.ts";

const check = { system: "linux", userId: process.getuid?.() } as const;
const folder = temporaryDirectory();

function fileWith(content: string | Uint8Array, mode = 0o600): string {
  const path = join(folder, crypto.randomUUID());
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const codeOf = (path: string) => thrown(() => readSecretFile(path, "the password", check)).code;

test("a secret is read without the end of its line", () => {
  expect(readSecretFile(fileWith(" s3cret word\r\n\n"), "the password", check)).toBe(" s3cret word");
});

test("a link to a private file is fine", () => {
  const link = join(folder, "link");
  symlinkSync(fileWith("x"), link);
  expect(readSecretFile(link, "the password", check)).toBe("x");
});

test.skipIf(
  cannotRun(process.platform === "win32", "a secret that others can read: Windows has no such bits"),
)("a file that others can read or write is refused", () => {
  expect(codeOf(fileWith("s3cret", 0o644))).toBe("SECRET_EXPOSED");
  expect(codeOf(fileWith("s3cret", 0o640))).toBe("SECRET_EXPOSED");
  expect(codeOf(fileWith("s3cret", 0o622))).toBe("UNSAFE_PERMISSIONS");
});

test("Windows has no such bits", () => {
  expect(readSecretFile(fileWith("x", 0o644), "the password", { system: "windows", userId: undefined })).toBe(
    "x",
  );
});

test("what is missing, empty, a folder or huge is refused by name, never by content", () => {
  mkdirSync(join(folder, "d"));
  symlinkSync(join(folder, "gone"), join(folder, "dangling"));
  expect(codeOf(join(folder, "none"))).toBe("SECRET_MISSING");
  expect(codeOf(join(folder, "dangling"))).toBe("SECRET_MISSING");
  expect(codeOf(fileWith(" \n"))).toBe("SECRET_EMPTY");
  expect(codeOf(fileWith("s3cret".repeat(20_000)))).toBe("SECRET_EMPTY");
  chmodSync(join(folder, "d"), 0o700);
  expect(codeOf(join(folder, "d"))).toBe("SECRET_EMPTY");
});

test("a secret is written into a new file only, which nobody else can read", () => {
  const files = secretFiles(check);
  const path = join(folder, "new");
  files.create(path, "s3cret\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(files.read(path, "the password")).toBe("s3cret");
  const refused = thrown(() => files.create(path, "another"));
  expect(refused).toMatchObject({ kind: "usage", code: "SECRET_FILE_EXISTS" });
  expect(readFileSync(path, "utf8")).toBe("s3cret\n");
  files.remove(path);
  files.remove(path);
  expect(existsSync(path)).toBe(false);
});

test("a secret is not written through a link, nor into a folder that is not there", () => {
  const files = secretFiles(check);
  const [link, target] = [join(folder, "to-nothing"), join(folder, "target")];
  symlinkSync(target, link);
  expect(thrown(() => files.create(link, "s3cret")).code).toBe("SECRET_FILE_EXISTS");
  expect(existsSync(target)).toBe(false);
  expect(thrown(() => files.create(join(folder, "no", "file"), "s3cret")).code).toBe("ENOENT");
});
