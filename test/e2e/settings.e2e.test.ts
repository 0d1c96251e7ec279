/**
 * The settings kind through the whole program: a home with the settings of thirty apps is backed up through an HTTP remote
 * with encryption, adopted on a new machine, and restored, equal to the last byte and permission.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { type Device, makeDevice } from "../helpers/device.ts";
import { createBareRepository, type GitServer, startGitServer } from "../helpers/git-http-server.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";
import { treeSnapshot, type TreeSnapshot } from "../helpers/tree-snapshot.ts";

type Installed = readonly [path: string, content: string, mode?: number];

const KEY = [
  "-----BEGIN OPENSSH PRIVATE KEY-----",
  "b3BlbnNzaC1rZXktdjEAAAAA",
  "-----END OPENSSH PRIVATE KEY-----",
  "",
].join("\n");

/** As people have them: text, scripts, folders with scripts in them, private files, an empty one, binary ones. */
const APPS: Readonly<Record<string, readonly Installed[]>> = {
  git: [
    [".gitconfig", "[user]\n\tname = Ada\n\temail = ada@example.org\n"],
    [".config/git/ignore", "*.swp\n.DS_Store\n"],
    [".config/git/attributes", "*.png binary\n"],
    [".git-credentials", "https://ada:hunter2hunter2@git.example.org\n", 0o600],
  ],
  ssh: [
    [".ssh/config", "Host work\n  HostName work.example.org\n", 0o600],
    [".ssh/id_ed25519", KEY, 0o600],
    [".ssh/id_ed25519.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ada@laptop\n"],
  ],
  zsh: [
    [".zshrc", "export EDITOR=nvim\n"],
    [".zshenv", "path+=~/bin\n"],
    [".config/zsh/functions/up", "cd ..\n", 0o755],
  ],
  bash: [
    [".bashrc", "alias ll='ls -l'\n"],
    [".bash_profile", ". ~/.bashrc\n"],
  ],
  fish: [
    [".config/fish/config.fish", "set -gx EDITOR nvim\n"],
    [".config/fish/functions/up.fish", "function up\n  cd ..\nend\n"],
  ],
  neovim: [
    [".config/nvim/init.lua", 'require("plugins")\n'],
    [".config/nvim/lua/plugins.lua", "return {}\n"],
    [".config/nvim/lazy-lock.json", "{}\n"],
    [".config/nvim/after/ftplugin/go.lua", ""],
  ],
  vim: [
    [".vimrc", "set number\n"],
    [".vim/colors/mine.vim", "hi clear\n"],
  ],
  vscode: [
    [".config/Code/User/settings.json", '{ "editor.fontSize": 14 }\n'],
    [".config/Code/User/keybindings.json", "[]\n"],
    [".config/Code/User/snippets/go.json", "{}\n"],
  ],
  starship: [[".config/starship.toml", 'format = "$all"\n']],
  tmux: [
    [".tmux.conf", "set -g mouse on\n"],
    [".config/tmux/scripts/pick.sh", "#!/bin/sh\n", 0o755],
  ],
  alacritty: [[".config/alacritty/alacritty.toml", "[font]\nsize = 11\n"]],
  kitty: [
    [".config/kitty/kitty.conf", "font_size 11\r\n"],
    [".config/kitty/themes/dark.conf", "background #000\n"],
  ],
  foot: [[".config/foot/foot.ini", "font=monospace:size=11\n"]],
  wezterm: [[".config/wezterm/wezterm.lua", "return {}\n"]],
  i3: [[".config/i3/config", "set $mod Mod4\n"]],
  sway: [[".config/sway/config", "set $mod Mod4\n"]],
  dunst: [[".config/dunst/dunstrc", "[global]\n"]],
  rofi: [[".config/rofi/config.rasi", "configuration {}\n"]],
  polybar: [[".config/polybar/config.ini", "[bar/top]\n"]],
  picom: [[".config/picom/picom.conf", 'backend = "glx";\n']],
  htop: [[".config/htop/htoprc", "fields=0 48 17\n"]],
  btop: [[".config/btop/btop.conf", 'color_theme = "Default"\n']],
  bat: [[".config/bat/config", "--theme=ansi\n"]],
  ripgrep: [[".ripgreprc", "--smart-case\n"]],
  lazygit: [[".config/lazygit/config.yml", "gui: {}\n"]],
  gh: [
    [".config/gh/config.yml", "git_protocol: ssh\n", 0o600],
    [".config/gh/hosts.yml", "github.com:\n    oauth_token: gho_x\n", 0o600],
  ],
  mpv: [
    [".config/mpv/mpv.conf", "hwdec=auto\n"],
    [".config/mpv/input.conf", "q quit\n"],
  ],
  helix: [
    [".config/helix/config.toml", 'theme = "onedark"\n'],
    [".config/helix/languages.toml", ""],
  ],
  readline: [[".inputrc", "set editing-mode vi\n"]],
  cargo: [[".cargo/config.toml", "[build]\njobs = 2\n"]],
  psql: [
    [".psqlrc", "\\timing\n"],
    [".pgpass", "db:5432:*:ada:secretsecret\n", 0o600],
  ],
  curl: [[".curlrc", "location\n"]],
};

/** Of no app, by path; and what is never to leave the machine. */
const OWN: readonly Installed[] = [
  ["notes/plan.md", "# Plan\n"],
  ["bin/backup", "#!/bin/sh\nexit 0\n", 0o755],
  [".config/own/odd name \u{1f980}.conf", "x\n"],
  [".config/own/raw.bin", "\u0000\u0001\u00ff"],
];
const NEVER: readonly Installed[] = [
  [".zsh_history", "ls\n", 0o600],
  [".config/Code/User/workspaceStorage/x/state.vscdb", "state\n"],
  [".config/nvim/plugin/packer_compiled.lua", "x\n"],
  ["notes/draft.log", "x\n"],
];

let server: GitServer;
let root: string;

beforeAll(async () => {
  root = temporaryDirectory();
  server = await startGitServer(root);
});
afterAll(() => server.stop());

function put(device: Device, [path, content, mode = 0o644]: Installed): void {
  const target = join(device.home, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content, "latin1");
  chmodSync(target, mode);
}

function machine(name: string, remote: string, mode: "backup" | "two-way" = "backup"): Device {
  // No desktop, so no keychain: secrets go into files.
  const device = makeDevice(name, { XDG_RUNTIME_DIR: "/nonexistent" });
  mkdirSync(dirname(device.configFile), { recursive: true });
  const lines = [
    "version: 1",
    "sources:",
    "  settings:",
    "    settings: {}",
    `    remote: ${server.repository(remote)}`,
    `    mode: ${mode}`,
    `    apps: [${Object.keys(APPS).join(", ")}]`,
    "    files: [~/notes/, ~/bin/, ~/.config/own/, { path: ~/.config/own/raw.bin, encrypt: true }]",
    '    exclude: ["*.log"]',
  ];
  writeFileSync(device.configFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  return device;
}

/** All of a home but what lull keeps there. */
function home(device: Device): TreeSnapshot {
  const tree = treeSnapshot(device.home, { exactModes: true });
  return Object.fromEntries(
    Object.entries(tree).filter(([path]) => !/^\.(?:local|config\/lull|cache|bun|npm)(?:\/|$)/.test(path)),
  );
}

function without(tree: TreeSnapshot, files: readonly Installed[]): TreeSnapshot {
  const names = new Set(files.map(([path]) => Buffer.from(path).toString("latin1")));
  return Object.fromEntries(Object.entries(tree).filter(([path]) => !names.has(path)));
}

test("thirty apps: backed up, adopted on a new machine and restored, equal to the last byte and permission", async () => {
  expect(Object.keys(APPS).length).toBeGreaterThanOrEqual(30);
  const bare = createBareRepository(root, "settings.git");
  const recovery = join(root, "recovery-key");
  const laptop = machine("laptop", "settings.git");
  for (const file of [...Object.values(APPS).flat(), ...OWN, ...NEVER]) put(laptop, file);
  chmodSync(join(laptop.home, ".ssh"), 0o700);
  symlinkSync("plan.md", join(laptop.home, "notes/latest"));
  const all = home(laptop);
  await laptop.lull(["config", "check"]);
  await laptop.lull(["secret", "init", "--yes", "--recovery-file", recovery]);
  const dry = await laptop.lull(["sync", "-n"]);
  expect(dry.stdout).toContain("would commit");
  const first = await laptop.lull(["sync"]);
  expect(first.stdout).not.toContain("not carried");
  expect(home(laptop)).toEqual(all);
  expect((await laptop.lull(["sync"])).stdout).toContain("up to date");
  fsck(bare);
  const names = git(bare, "ls-tree", "-r", "--name-only", "-z", "main").split("\0");
  for (const name of [
    "apps/ssh/id_ed25519.age",
    "apps/git/.git-credentials.age",
    "apps/psql/.pgpass.age",
    "home/.config/own/raw.bin.age",
  ])
    expect(names).toContain(name);
  // Of what is encrypted no byte stands in clear in any object.
  const everything = git(bare, "log", "-p", "--all", "--text");
  for (const secret of ["hunter2hunter2", "b3BlbnNzaC1rZXktdjEAAAAA", "secretsecret", "oauth_token: gho_x"])
    expect(everything).not.toContain(secret);

  const desktop = machine("desktop", "settings.git");
  put(desktop, [".zshrc", "# of the new machine\n"]);
  put(desktop, [".vimrc", "set number\n"]);
  put(desktop, ["notes/mine.md", "mine\n"]);
  await desktop.lull(["secret", "recover", "--recovery-file", recovery]);
  const seen = await desktop.lull(["adopt", "--dry-run"]);
  for (const word of [
    "The same (1)",
    "Only here (1)",
    "Only there (",
    "Different (1)",
    "~/.zshrc",
    "~/notes/mine.md",
  ])
    expect(seen.stdout).toContain(word);
  const adopted = await desktop.lull(["adopt", "--take-remote-all"]);
  expect(adopted.stdout).toContain("lull undo settings");
  const wanted = without(all, NEVER);
  expect(without(home(desktop), [["notes/mine.md", ""]])).toEqual(wanted);
  await desktop.lull(["undo", "settings"]);
  expect(readFileSync(join(desktop.home, ".zshrc"), "utf8")).toBe("# of the new machine\n");
  await desktop.lull(["undo", "settings"]);

  for (const path of [".config", ".ssh", ".zshrc", "bin"])
    rmSync(join(laptop.home, path), { recursive: true });
  writeFileSync(join(laptop.home, ".vimrc"), "broken\n");
  const config = machine("laptop", "settings.git");
  mkdirSync(dirname(laptop.configFile), { recursive: true });
  writeFileSync(laptop.configFile, readFileSync(config.configFile), { mode: 0o600 });
  const restored = await laptop.lull(["restore", "settings"]);
  expect(restored.stdout).toContain("~/.vimrc");
  expect(without(home(laptop), NEVER)).toEqual(wanted);
  fsck(bare);
}, 120_000);

test("two-way over HTTP: an edit of an encrypted file goes from one home to the other", async () => {
  createBareRepository(root, "two-way.git");
  const recovery = join(root, "recovery-key-2");
  const [laptop, desktop] = [
    machine("laptop", "two-way.git", "two-way"),
    machine("desktop", "two-way.git", "two-way"),
  ];
  put(laptop, [".pgpass", "db:5432:*:ada:first\n", 0o600]);
  put(laptop, [".zshrc", "one\n"]);
  await laptop.lull(["secret", "init", "--yes", "--recovery-file", recovery]);
  await laptop.lull(["sync"]);
  await desktop.lull(["secret", "recover", "--recovery-file", recovery]);
  await desktop.lull(["sync"]);
  expect(readFileSync(join(desktop.home, ".pgpass"), "utf8")).toBe("db:5432:*:ada:first\n");
  await laptop.lull(["sync"]);
  put(desktop, [".zshrc", "two\n"]);
  await desktop.lull(["sync"]);
  const came = await laptop.lull(["sync"]);
  expect(came.stdout).toContain("in your home: 1 file written; lull undo settings takes it back");
  expect(readFileSync(join(laptop.home, ".zshrc"), "utf8")).toBe("two\n");
});
