/**
 * Which process of which machine: a repository may lie on a share that several machines write to, or in a folder that
 * containers share, and there a process id alone says nothing.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

export type ProcessIdentity = {
  /** The machine, by its id and name; undefined where the system does not tell (then no lock is ever judged). */
  readonly machine: string | undefined;
  /** This start of the machine, and the space in which process ids count. */
  readonly boot: string;
};

let known: ProcessIdentity | undefined;

export function processIdentity(): ProcessIdentity {
  known ??= readIdentity("/");
  return known;
}

/** @param root where `etc` and `proc` are; for tests */
export function readIdentity(root: string): ProcessIdentity {
  const boot = textOf(`${root}proc/sys/kernel/random/boot_id`);
  const space = linkOf(`${root}proc/self/ns/pid`);
  if (boot === undefined || space === undefined) return { machine: undefined, boot: "" };
  // Containers often have no id of their own; then the identity ends with this start of the machine.
  const machine = textOf(`${root}etc/machine-id`) ?? boot;
  // The name as well: cloned machines share an id until somebody gives them new ones.
  return { machine: shortHash(`${machine} ${hostname()}`), boot: shortHash(`${boot} ${space}`) };
}

/** Not by node:crypto: loading it takes as long as the rest of a small commit. */
function shortHash(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex").slice(0, 12);
}

function textOf(path: string): string | undefined {
  try {
    const text = readFileSync(path, "latin1").trim();
    return text === "" ? undefined : text;
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
