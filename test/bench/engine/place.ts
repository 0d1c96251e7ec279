/** Where the engine is measured: folders of its own, git and lull side by side, and one HTTP server for both. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { git, gitEnvironment } from "../../helpers/system-git.ts";
import { type Command, runCommand } from "../measure.ts";
import { appendToOnePercent, changeOnePercent, type Dataset, writeDataset } from "./dataset.ts";
import { WarmProcess } from "./warm-process.ts";

export type Side = "git" | "lull";

/** Memory as a disk where there is one: what is compared is the work, not the disk's mood. */
const MEMORY_DISK = "/dev/shm";

/** Else a commit of many files starts a `git gc` in the background, which then runs into the next measurements. */
const NO_BACKGROUND_WORK = {
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "maintenance.auto",
  GIT_CONFIG_VALUE_0: "false",
};

export class BenchPlace implements AsyncDisposable {
  readonly #root: string;
  readonly #server: Bun.Subprocess<"ignore", "pipe", "inherit">;
  readonly #url: string;
  readonly #driver: string;
  readonly #warm: WarmProcess[] = [];
  #version = 0;

  private constructor(
    root: string,
    driver: string,
    server: Bun.Subprocess<"ignore", "pipe", "inherit">,
    url: string,
  ) {
    this.#root = root;
    this.#driver = driver;
    this.#server = server;
    this.#url = url;
  }

  /** @param driver the compiled `driver.ts` */
  static async open(driver: string): Promise<BenchPlace> {
    const parent = process.env["LULL_BENCH_DIRECTORY"] ?? (existsSync(MEMORY_DISK) ? MEMORY_DISK : tmpdir());
    const root = mkdtempSync(join(parent, "lull-bench-"));
    mkdirSync(join(root, "home"));
    const server = Bun.spawn([process.execPath, join(import.meta.dir, "http-server.ts"), root], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    for await (const chunk of server.stdout) {
      return new BenchPlace(root, driver, server, new TextDecoder().decode(chunk).trim());
    }
    throw new Error("the HTTP server ended before it began");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const warm of this.#warm) await warm.end();
    this.#server.kill();
    await this.#server.exited;
    rmSync(this.#root, { recursive: true, force: true });
  }

  path(...parts: readonly string[]): string {
    return join(this.#root, ...parts);
  }

  url(name: string): string {
    return `${this.#url}/${name}`;
  }

  get environment(): Readonly<Record<string, string>> {
    return gitEnvironment({ HOME: this.path("home"), GIT_CONFIG_NOSYSTEM: "1", ...NO_BACKGROUND_WORK });
  }

  /** Git through a shell, in a folder of this place. */
  git(folder: string, script: string): Command {
    const cwd = this.path(folder);
    return { name: "git", argv: ["sh", "-c", script], cwd, env: this.environment };
  }

  lull(...args: readonly string[]): Command {
    return { name: "lull", argv: [this.#driver, ...args], cwd: this.#root, env: this.environment };
  }

  /** An engine that stays in one process, for one repository. */
  warm(...args: readonly string[]): WarmProcess {
    const warm = new WarmProcess([this.#driver, "serve", ...args], this.environment);
    this.#warm.push(warm);
    return warm;
  }

  writeDataset(dataset: Dataset, folder: string): void {
    writeDataset(dataset, this.path(folder));
  }

  /** Changes one file in a hundred, never the same content twice. */
  change(dataset: Dataset, folder: string): void {
    this.#version += 1;
    changeOnePercent(dataset, this.path(folder), this.#version);
  }

  /** Lengthens one file in a hundred, other ones than the last change rewrote. */
  append(dataset: Dataset, folder: string): void {
    appendToOnePercent(dataset, this.path(folder), this.#version);
  }

  remove(...folders: readonly string[]): void {
    for (const folder of folders) rmSync(this.path(folder), { recursive: true, force: true });
  }

  /** Copies with times and modes, so that an index stays good. */
  copy(from: string, to: string): void {
    this.remove(to);
    if (existsSync("/bin/cp")) runCommand({ name: "cp", argv: ["cp", "-a", this.path(from), this.path(to)] });
    else cpSync(this.path(from), this.path(to), { recursive: true, preserveTimestamps: true });
  }

  initBare(name: string): void {
    this.remove(name);
    git(this.#root, "init", "-q", "--bare", this.path(name));
    git(this.path(name), "config", "http.receivepack", "true");
    git(this.path(name), "config", "receive.autogc", "false");
    // As a host keeps it. Of loose objects each clone would begin with the server's own search for deltas.
    git(this.path(name), "config", "receive.unpackLimit", "1");
  }
}
