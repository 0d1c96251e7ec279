import { expect, test } from "bun:test";

import { repoSource, world } from "./fake-deps.ts";

const RUN = {
  id: 1,
  source: "notes",
  outcome: "synced",
  cause: "person",
  startedAt: Date.parse("2026-03-02T11:00:00Z"),
  durationMs: 400,
  filesCommitted: 2,
  commitsReceived: 0,
  commitsSent: 1,
  conflicts: 0,
  message: undefined,
  detail: "{}",
};

test("lull alone greets a newcomer in a few lines, points to init and writes nothing", async () => {
  const fresh = world({ configText: undefined });
  const { code, stdout, stderr } = await fresh.run([]);
  expect(code).toBe(0);
  expect(stderr).toBe("");
  expect(stdout).toBe(
    [
      "lull keeps folders in sync with git remotes, in quiet moments of your machine.",
      "Nothing is set up yet.",
      "",
      "  lull init   choose your first folder; your files stay as they are",
      "  lull demo   watch two simulated devices sync, in a temporary folder",
      "  lull help   see all commands",
      "",
    ].join("\n"),
  );
  expect(fresh.written).toEqual([]);
  expect(JSON.parse((await fresh.run(["--json"])).stdout)).toMatchObject({ version: 1, configured: false });
});

test("lull alone shows the status once there is a config", async () => {
  const set = world({ sources: [repoSource("gone")], runs: [RUN] });
  const { code, stdout } = await set.run([]);
  expect(code).toBe(0);
  expect(stdout).toContain("! gone: /home/me/gone is missing");
  expect(stdout).toEndWith("Next, for gone: is its drive mounted? was it moved?\n");
  expect(stdout).toBe((await set.run(["status"])).stdout);
});

test("--version and --help build nothing", async () => {
  const set = world();
  await set.run(["--version"]);
  await set.run(["--help"]);
  await set.run(["sync", "--help"]);
  await set.run(["nonsense"]);
  expect(set.composed).toEqual([]);
});

test("--config and the environment reach the parts", async () => {
  const set = world();
  await set.run(["list", "-c", "other.yaml"]);
  await set.run(["list"], { env: { LULL_CONFIG: "env.yaml" } });
  expect(set.composed.map((input) => input.configFile)).toEqual(["other.yaml", "env.yaml"]);
  expect(set.composed[0]).toMatchObject({ cwd: "/home/me" });
});

test("list shows the sources without their credentials", async () => {
  const set = world({ sources: [repoSource("notes")] });
  const { stdout } = await set.run(["list"]);
  expect(stdout).toContain("notes");
  expect(stdout).not.toContain("secret");
  expect(JSON.parse((await set.run(["ls", "--json"])).stdout)).toMatchObject({
    version: 1,
    sources: [{ name: "notes", remotes: ["https://h/notes.git"] }],
  });
});

test("status as JSON carries the last run, and --quiet leaves the advice out", async () => {
  const set = world({ sources: [repoSource("notes")], runs: [RUN] });
  const json: unknown = JSON.parse((await set.run(["status", "--json"])).stdout);
  expect(json).toMatchObject({
    version: 1,
    sources: [{ name: "notes", lastRun: { outcome: "synced", detail: {} } }],
  });
  expect((await set.run(["status", "-q"])).stdout).not.toContain("Next:");
  const bare = world({ sources: [repoSource("notes")] });
  expect((await bare.run(["status", "--json"])).stdout).not.toContain("lastRun");
});

test("remove tells what stays; a dry run changes nothing", async () => {
  const set = world({ sources: [repoSource("notes")] });
  const dry = await set.run(["remove", "notes", "--dry-run"]);
  expect(dry.stdout).toStartWith("✓ Would remove the source notes");
  expect(set.written).toEqual([]);
  const { stdout } = await set.run(["rm", "notes"]);
  expect(stdout).toBe(
    "✓ Removed the source notes from the config\n  stays  ~/notes\n  stays  https://h/notes.git\n",
  );
  expect(set.written).toEqual(["remove notes"]);
  expect(JSON.parse((await set.run(["remove", "notes", "--json"])).stdout)).toMatchObject({ name: "notes" });
  const typo = await set.run(["remove", "nots"]);
  expect(typo.code).toBe(2);
  expect(typo.stderr).toContain('did you mean "notes"?');
});

test("log shows the history and refuses a limit that is no number", async () => {
  const set = world({ sources: [repoSource("notes")], runs: [RUN] });
  expect((await set.run(["log"])).stdout).toContain(
    "2026-03-02 11:00  notes   person  synced   400 ms  committed 2 files, sent 1 commit",
  );
  expect(JSON.parse((await set.run(["history", "notes", "--json"])).stdout)).toMatchObject({
    runs: [{ id: 1, detail: {} }],
  });
  for (const limit of ["0", "many", "-1", "1.5", "9999999"]) {
    const { code, stderr } = await set.run(["log", `--limit=${limit}`]);
    expect(code).toBe(2);
    expect(stderr).toContain(`--limit can not be "${limit}"`);
  }
});

test("schedule shows the next runs, of the named sources, as many as are asked for", async () => {
  const set = world({ sources: [repoSource("notes"), repoSource("work")], runs: [RUN] });
  const { stdout } = await set.run(["schedule", "notes", "--count", "2"]);
  expect(stdout).toBe(
    [
      "notes  last run Mon 2026-03-02 11:00, 1 h ago: synced",
      "  every 6 hours",
      "    Mon 2026-03-02 17:00  in 5 h",
      "    Mon 2026-03-02 23:00  in 11 h",
      "",
    ].join("\n"),
  );
  const both = JSON.parse((await set.run(["schedule", "--json"])).stdout) as { sources: unknown[] };
  expect(both.sources).toHaveLength(2);
  expect(both.sources[0]).toMatchObject({
    name: "notes",
    lastRun: { id: 1, detail: {} },
    schedules: [{ words: "every 6 hours", next: [{ due: false }, {}, {}], notes: [] }],
  });
  expect((await set.run(["schedule", "nots"])).stderr).toContain('did you mean "notes"?');
  for (const count of ["0", "1001", "three"]) {
    const { code, stderr } = await set.run(["schedule", `--count=${count}`]);
    expect(code).toBe(2);
    expect(stderr).toContain("give a whole number from 1 to 1000");
  }
});

test("config get prints text bare and everything else as JSON", async () => {
  const set = world();
  expect((await set.run(["config", "get", "device"])).stdout).toBe("laptop\n");
  expect((await set.run(["config", "get", "sources.notes.apps"])).stdout).toBe('["git"]\n');
  expect((await set.run(["config", "get", "sources.notes.remote"])).stdout).toBe("\n");
  expect(JSON.parse((await set.run(["config", "get", "sources.notes.remote", "--json"])).stdout)).toEqual({
    version: 1,
    path: "sources.notes.remote",
    value: null,
  });
});

test("config set tells the old value; a dry run writes nothing", async () => {
  const set = world();
  expect((await set.run(["config", "set", "device", "study", "-n"])).stdout).toBe(
    "✓ Would set device to study (was laptop)\n",
  );
  expect(set.written).toEqual([]);
  expect((await set.run(["config", "set", "sources.notes.remote", "/r"])).stdout).toBe(
    "✓ Set sources.notes.remote to /r\n",
  );
  expect(set.written).toEqual(["set sources.notes.remote /r"]);
  expect(JSON.parse((await set.run(["config", "set", "device", "x", "--json"])).stdout)).toMatchObject({
    before: "laptop",
    after: "x",
  });
});

test("config show, check, path and schema", async () => {
  const set = world({
    configText: "version: 1\n# mine\t\u001B[2J\n",
    sources: [repoSource("notes")],
    warnings: ["odd key"],
  });
  const shown = await set.run(["config", "show"]);
  expect(shown.stdout).toBe("version: 1\n# mine\t\\x1b[2J\n");
  expect(shown.stderr).toBe("Warning: odd key\n");
  expect(JSON.parse((await set.run(["config", "show", "--json"])).stdout)).toMatchObject({
    resolved: { device: "laptop" },
  });
  expect((await set.run(["config", "check"])).stdout).toBe(
    "✓ /home/me/.config/lull/config.yaml is valid: 1 source\nNext: lull schedule, to see when they are due\n",
  );
  expect(JSON.parse((await set.run(["config", "check", "--json"])).stdout)).toMatchObject({
    sources: 1,
    warnings: ["odd key"],
  });
  expect((await set.run(["config", "path"])).stdout).toBe("/home/me/.config/lull/config.yaml\n");
  expect(JSON.parse((await set.run(["config", "path", "--json"])).stdout)).toMatchObject({ exists: true });
  const schema = await set.run(["config", "schema"]);
  expect(JSON.parse(schema.stdout)).toHaveProperty("$schema");
  expect((await set.run(["config", "schema", "--json"])).stdout).toBe(schema.stdout);
  expect((await set.run(["config"])).stderr).toContain("needs one of: show, get, set, check, schema, path");
});

test("without a config a command says what to do, with exit code 2", async () => {
  const fresh = world({ configText: undefined });
  const { code, stderr } = await fresh.run(["sync"]);
  expect(code).toBe(2);
  expect(stderr).toBe("Error: there is no config yet\n  Hint: lull init\n");
});

test("a source that another process syncs ends with 8, told in its own line and in JSON", async () => {
  const set = world({ sources: [repoSource("notes")] });
  const { code, stdout } = await set.run(["sync", "--wait=0"]);
  expect(code).toBe(8);
  expect(stdout).toContain("✗ notes  notes is being synced by process 42");
  const json = await set.run(["sync", "--json", "--wait=0"]);
  expect(json.code).toBe(8);
  expect(JSON.parse(json.stdout)).toMatchObject({ version: 1, runs: [{ error: { code: "SOURCE_LOCKED" } }] });
});

test("an interrupted sync ends with 130", async () => {
  const set = world({ sources: [repoSource("notes")] });
  const { code, stderr } = await set.run(["sync"], { signal: AbortSignal.abort() });
  expect(code).toBe(130);
  expect(stderr).toBe("Warning: interrupted after 0 sources; nothing was lost\n");
});

test("diff of a folder that is not there ends with the guard's code", async () => {
  const set = world({ sources: [repoSource("gone")] });
  expect((await set.run(["diff"])).code).toBe(7);
  const none = world();
  expect(JSON.parse((await none.run(["diff", "--json"])).stdout)).toEqual({ version: 1, sources: [] });
  expect((await none.run(["diff", "--names"])).stdout).toBe("");
});

test("add as a dry run tells the plan", async () => {
  const set = world();
  const { stdout } = await set.run(["add", "notes", "--dry-run"]);
  expect(stdout).toStartWith(
    "✓ Would add the source notes\n  folder  ~/notes (a new git repository, branch main)",
  );
  expect(set.written).toEqual([]);
  expect(JSON.parse((await set.run(["add", "notes", "-n", "--json"])).stdout)).toMatchObject({
    version: 1,
    dryRun: true,
  });
});

test("init without a terminal names what is missing", async () => {
  const fresh = world({ configText: undefined });
  const { code, stderr } = await fresh.run(["init"]);
  expect(code).toBe(2);
  expect(stderr).toContain("lull init FOLDER [--remote URL] [--name NAME] [--schedule WHEN] [--device NAME]");
  expect((await fresh.run(["init", "--yes", "--name", "x"])).code).toBe(2);
});

test("init --yes writes a config without sources, and keeps one that is there", async () => {
  const fresh = world({ configText: undefined });
  expect((await fresh.run(["init", "--yes", "--device", "study", "-n"])).stdout).toStartWith(
    "✓ Would write the config",
  );
  expect(fresh.configText).toBeUndefined();
  expect((await fresh.run(["init", "--yes", "--device", "study"])).stdout).toBe(
    "✓ Wrote the config ~/.config/lull/config.yaml; this machine is called study\nNext: lull add FOLDER\n",
  );
  expect(fresh.configText).toContain("device: study");
  expect((await fresh.run(["init", "-y"])).stdout).toStartWith(
    "The config ~/.config/lull/config.yaml was there already",
  );
});

test("init asks its questions on a terminal", async () => {
  const fresh = world({ configText: undefined });
  const ask = {
    text: async ({ initial }: { readonly initial: string }) => initial,
    secret: async () => "",
    choose: async <T extends string>({ choices }: { readonly choices: readonly { readonly value: T }[] }) => {
      const [first] = choices;
      if (first === undefined) throw new Error("no choices");
      return first.value;
    },
  };
  const { code, stdout } = await fresh.run(["init", "-n", "--device", "study"], {
    isTty: true,
    ask,
    cwd: "/home/me",
  });
  expect(code).toBe(0);
  expect(stdout).toContain("Would add the source");
  expect(stdout).toContain("this machine is called study");
});
