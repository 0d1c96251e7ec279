import { describe, expect, test } from "bun:test";

import { isIgnored, readIgnoreRules } from "../../../src/app/import/chezmoi-ignore.ts";
import { readFileName, readFolderName } from "../../../src/app/import/chezmoi-names.ts";

describe("a file of the source folder stands for", () => {
  const file = { kind: "file", encrypted: false, template: false };
  const CASES: readonly (readonly [string, unknown])[] = [
    ["dot_bashrc", { ...file, name: ".bashrc" }],
    ["README.md", { ...file, name: "README.md" }],
    ["private_readonly_empty_executable_dot_run", { ...file, name: ".run" }],
    ["executable_private_x", { ...file, name: "private_x" }],
    ["dot_gitconfig.tmpl", { ...file, name: ".gitconfig", template: true }],
    ["encrypted_private_dot_netrc.age", { ...file, name: ".netrc", encrypted: true }],
    ["encrypted_dot_netrc.asc", { ...file, name: ".netrc", encrypted: true }],
    ["encrypted_dot_netrc.tmpl.age", { ...file, name: ".netrc", encrypted: true, template: true }],
    ["notes.age", { ...file, name: "notes.age" }],
    ["literal_dot_bashrc", { ...file, name: "dot_bashrc" }],
    ["dot_x.tmpl.literal", { ...file, name: ".x.tmpl" }],
    ["dot_x.literal.tmpl", { ...file, name: ".x", template: true }],
    ["create_private_dot_local", { ...file, kind: "create", name: ".local" }],
    ["modify_dot_config", { ...file, kind: "modify", name: ".config" }],
    ["symlink_dot_vimrc.tmpl", { ...file, kind: "symlink", name: ".vimrc", template: true }],
    ["symlink_private_x", { ...file, kind: "symlink", name: "private_x" }],
    ["remove_dot_old", { kind: "remove", name: ".old" }],
    ["run_once_before_install.sh.tmpl", { kind: "script", name: "install.sh" }],
    ["run_onchange_after_x.sh", { kind: "script", name: "x.sh" }],
  ];
  for (const [name, expected] of CASES) {
    test(name, () => expect(readFileName(name, undefined)).toEqual(expected as never));
  }
});

test("the suffix of encrypted files is the one of the settings", () => {
  expect(readFileName("encrypted_a.gpg", ".gpg")).toMatchObject({ name: "a" });
  expect(readFileName("encrypted_a.age", ".gpg")).toMatchObject({ name: "a.age" });
});

test("folders have attributes of their own", () => {
  const plain = { external: false, remove: false, exact: false };
  expect(readFolderName("exact_private_dot_config")).toEqual({ ...plain, name: ".config", exact: true });
  expect(readFolderName("external_dot_vim")).toEqual({ ...plain, name: ".vim", external: true });
  expect(readFolderName("remove_dot_old")).toEqual({ ...plain, name: ".old", remove: true });
  expect(readFolderName("dot_private_x")).toEqual({ ...plain, name: ".private_x" });
});

test("ignored are the patterns that hold without a condition, but for their exceptions", () => {
  const rules = readIgnoreRules(
    `README.md # docs
*.txt
!keep.txt
.config/**/cache
{{ if ne .chezmoi.os "darwin" }}
Library
{{ end }}
{{ if .work }}x{{ end }}
after
`,
    "",
  );
  expect(rules.hasConditions).toBe(true);
  const paths = ["README.md", "a.txt", "keep.txt", ".config/a/b/cache", "Library", "x", "after", "sub/a.txt"];
  expect(paths.filter((path) => isIgnored([rules], path))).toEqual([
    "README.md",
    "a.txt",
    ".config/a/b/cache",
    "after",
  ]);
  const inner = readIgnoreRules("*.txt\n", "sub");
  expect(isIgnored([inner], "sub/a.txt")).toBe(true);
  expect(isIgnored([inner], "a.txt")).toBe(false);
  expect(isIgnored([readIgnoreRules("[\n{a\n\\\n", "")], "a")).toBe(false);
});
