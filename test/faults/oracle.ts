/**
 * The one judge of the harness: whatever was done to the victim, the next syncs need no hand, every repository is whole,
 * no byte that somebody wrote is lost, nothing of the other device is taken back, and nothing is left that blocks.
 */
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expectConverged, type Device } from "../helpers/device.ts";
import { git } from "../helpers/system-git.ts";
import type { Content, Scene } from "./scene.ts";

/** 5: a conflict was met, which is an end that it may have where both sides changed one file. */
export type Allowed = readonly number[];

/** @throws an error that says what is wrong */
export async function judge(scene: Scene): Promise<void> {
  const { victim, witness, remote, command } = scene;
  const allowed: Allowed = scene.clash === undefined ? [0] : [0, 5];
  // What was cut off is asked for again; a sync is, by every schedule.
  if (command[0] !== "sync") await run(victim, command, [...allowed, ...(scene.again ?? [])]);
  await run(victim, ["sync"], allowed);
  await run(witness, ["sync"], allowed);
  await run(victim, ["sync"], allowed);
  expectConverged([victim, witness], [remote]);
  expectKept(scene);
  expectFiles(scene);
  for (const repository of [join(victim.notes, ".git"), remote]) expectNothingLeft(repository);
}

/** Runs lull in this process. @throws with its output when it ends otherwise */
export async function run(device: Device, args: readonly string[], allowed: Allowed): Promise<void> {
  const { code, json } = await device.json(args);
  if (!allowed.includes(code))
    throw new Error(`${device.name}: lull ${args.join(" ")} ended with ${code}: ${JSON.stringify(json)}`);
}

/** Every content is in a file, or in a commit that a ref leads to: on the victim, the witness or the remote. */
export function expectKept({ victim, witness, remote, precious }: Scene): void {
  const kept = new Set([
    ...blobsOf(victim.notes),
    ...blobsOf(witness.notes),
    ...blobsOf(remote),
    ...filesOf(victim.notes),
    ...filesOf(witness.notes),
  ]);
  const lost = precious.filter((content) => !kept.has(blobOid(content)));
  if (lost.length > 0)
    throw new Error(
      `LOST: ${lost.map((content) => JSON.stringify(Buffer.from(content).toString("latin1", 0, 60))).join(", ")}`,
    );
}

export function blobsOf(repository: string): readonly string[] {
  if (!existsSync(join(repository, ".git")) && !existsSync(join(repository, "HEAD"))) return [];
  const listed = Bun.spawnSync(["git", "rev-list", "--all", "--objects", "--no-object-names"], {
    cwd: repository,
  });
  return listed.stdout.toString().split("\n");
}

export function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path !== ".git" && !path.startsWith(".git/"))
    .map((path) => join(folder, path))
    .filter((path) => lstatSync(path).isFile())
    .map((path) => blobOid(readFileSync(path)));
}

export function blobOid(content: Content): string {
  const bytes = Buffer.from(content);
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** The victim's folder is what the model says, path by path. */
function expectFiles({ victim, files, clash }: Scene): void {
  const problems: string[] = [];
  const listed = new Set(git(victim.notes, "ls-files").split("\n"));
  for (const [path, content] of Object.entries(files)) {
    if (content === null) {
      if (listed.has(path)) problems.push(`${path} is there again`);
    } else if (!listed.has(path)) problems.push(`${path} is gone`);
    else if (blobOid(content) !== blobOid(readFileSync(join(victim.notes, path))))
      problems.push(
        `${path} is ${JSON.stringify(readFileSync(join(victim.notes, path), "latin1").slice(0, 200))}`,
      );
    listed.delete(path);
  }
  listed.delete("latest");
  if (clash !== undefined) {
    const found = [...listed].filter((path) => path === clash.path || path.startsWith("plain.conflict-"));
    const have = found.map((path) => blobOid(readFileSync(join(victim.notes, path)))).sort();
    const want = clash.sides.map(blobOid).sort();
    if (have.join() !== want.join()) problems.push(`of the clash there is ${found.join(", ")}`);
    for (const path of found) listed.delete(path);
  }
  if (listed.size > 0) problems.push(`nobody made ${[...listed].join(", ")}`);
  if (problems.length > 0) throw new Error(problems.join("; "));
}

/** No lock and no journal. Temporary files of a dead process block nobody; maintenance sweeps them. */
function expectNothingLeft(repository: string): void {
  const left = readdirSync(repository, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".lock") || path === "lull/checkout.json",
  );
  if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
}
