/** The list of refs and capabilities that opens a conversation (protocol version 0). */
import type { Oid } from "../model.ts";
import { ZERO_OID } from "../model.ts";
import { peelTag } from "../objects/tag-object.ts";
import { refNameToBytes } from "../refs/ref-name.ts";
import { listRefs } from "../refs/ref-store.ts";
import { AGENT } from "../wire/capabilities.ts";
import { FLUSH, packet } from "../wire/pkt-line.ts";
import type { ServedRepository } from "./served-repository.ts";

export type RefSnapshot = {
  /** Full name → oid, all of `refs/`, in git's order. */
  readonly refs: ReadonlyMap<string, Oid>;
};

const COMMON = ["ofs-delta", "side-band-64k", "object-format=sha1", `agent=${AGENT}`];

/** A ref that is damaged is left out, as git does: the others must stay reachable. */
export function snapshotRefs(repository: ServedRepository): RefSnapshot {
  return { refs: listRefs(repository.gitDirectory, "refs/", () => {}) };
}

export function advertiseUploadPack(repository: ServedRepository, { refs }: RefSnapshot): Uint8Array {
  const { head } = repository;
  const symref = head === undefined ? [] : [`symref=HEAD:${refNameToBytes(head)}`];
  const rows: (readonly [string, Oid])[] = [];
  const headOid = head === undefined ? undefined : refs.get(head);
  if (headOid !== undefined) rows.push(["HEAD", headOid]);
  for (const [name, oid] of refs) {
    rows.push([refNameToBytes(name), oid]);
    const peeled = name.startsWith("refs/tags/") ? peel(repository, oid) : oid;
    if (peeled !== oid) rows.push([`${refNameToBytes(name)}^{}`, peeled]);
  }
  return encode(rows, ["include-tag", "no-progress", "thin-pack", ...symref, ...COMMON]);
}

export function advertiseReceivePack({ refs }: RefSnapshot): Uint8Array {
  const rows = [...refs].map(([name, oid]) => [refNameToBytes(name), oid] as const);
  // What a delta saves on its way within one machine it costs twice over, as its base is put into the pack that is stored.
  return encode(rows, ["report-status", "delete-refs", "quiet", "no-thin", ...COMMON]);
}

/** A tag whose object is missing is shown unpeeled; whoever wants it hears of the damage then. */
export function peel(repository: ServedRepository, oid: Oid): Oid {
  try {
    return peelTag(repository.store, oid).oid;
  } catch {
    return oid;
  }
}

function encode(rows: readonly (readonly [string, Oid])[], capabilities: readonly string[]): Uint8Array {
  const listed = rows.length === 0 ? [["capabilities^{}", ZERO_OID] as const] : rows;
  return Buffer.concat([
    ...listed.map(([name, oid], index) =>
      packet(index === 0 ? `${oid} ${name}\0${capabilities.join(" ")}\n` : `${oid} ${name}\n`),
    ),
    FLUSH,
  ]);
}
