/**
 * Answers a push: the pack goes into quarantine, is verified and moved in place, and only then do refs move, each by
 * compare-and-swap under git's own locks. Whoever kills this process at any point leaves refs as they were.
 */
import type { Clock } from "../../base/clock.ts";
import { LullError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import { transportError } from "../../transport/transport-error.ts";
import type { ByteStream } from "../../transport/transport.ts";
import { isAncestor } from "../history/is-ancestor.ts";
import type { Oid } from "../model.ts";
import { ZERO_OID } from "../model.ts";
import { checkConnectivity } from "../history/connectivity.ts";
import { ingestPack } from "../objects/ingest-pack.ts";
import { isRefName, refNameFromBytes, refNameToBytes } from "../refs/ref-name.ts";
import { listRefs } from "../refs/ref-store.ts";
import { deleteRef, updateRef } from "../refs/update-ref.ts";
import { FLUSH, lineOf, packet, PacketReader } from "../wire/pkt-line.ts";
import { sidebandPackets } from "../wire/sideband.ts";
import { peel } from "./advertise.ts";
import type { ServedRepository } from "./served-repository.ts";

type Command = { readonly ref: string; readonly before: Oid | undefined; readonly after: Oid | undefined };

const MAX_COMMANDS = 200_000;

/** @throws LullError `REMOTE_ERROR` for a request that is none; everything else is told in the report */
export async function answerReceivePack(
  repository: ServedRepository,
  request: ByteStream,
  clock: Clock,
): Promise<Uint8Array> {
  const reader = new PacketReader(request, repository.remote);
  try {
    const { commands, sideband } = await readCommands(reader, repository.remote);
    if (commands.length === 0) return new Uint8Array(0);
    // Until the refs have moved, or something failed.
    using guard = new DisposableStack();
    const { unpack, refusal: general } = await receiveObjects(repository, commands, { reader, guard });
    const results = commands.map((command) => {
      const refusal = general ?? apply(repository, command, clock);
      return refusal === undefined
        ? `ok ${refNameToBytes(command.ref)}`
        : `ng ${refNameToBytes(command.ref)} ${refusal}`;
    });
    const report = Buffer.concat([
      ...[`unpack ${unpack}`, ...results].map((line) => packet(Buffer.from(`${line}\n`, "latin1"))),
      FLUSH,
    ]);
    return sideband ? Buffer.concat([...sidebandPackets(1, report), FLUSH]) : report;
  } finally {
    await reader.close();
  }
}

type Commands = { readonly commands: readonly Command[]; readonly sideband: boolean };

async function readCommands(reader: PacketReader, remote: string): Promise<Commands> {
  const commands: Command[] = [];
  let sideband = false;
  for (;;) {
    const next = await reader.next();
    if (next === undefined || next.kind === "flush") return { commands, sideband };
    const line = next.kind === "data" ? lineOf(next.bytes) : "";
    const nul = line.indexOf("\0");
    if (nul >= 0)
      sideband = line
        .slice(nul + 1)
        .split(" ")
        .includes("side-band-64k");
    const command = /^([0-9a-f]{40}) ([0-9a-f]{40}) (.+)$/s.exec(nul < 0 ? line : line.slice(0, nul));
    const [, before, after, name] = command ?? [];
    if (
      before === undefined ||
      after === undefined ||
      name === undefined ||
      commands.length >= MAX_COMMANDS
    ) {
      throw transportError({
        code: "REMOTE_ERROR",
        message: `${remote} was asked for something it does not offer: ${safeText(line.slice(0, 60))}`,
      });
    }
    commands.push({ ref: refNameFromBytes(name), before: oidOrNone(before), after: oidOrNone(after) });
  }
}

type Received = {
  /** `ok`, or in a few words why nothing was stored. */
  readonly unpack: string;
  /** Why no ref may move. */
  readonly refusal: string | undefined;
};

async function receiveObjects(
  repository: ServedRepository,
  commands: readonly Command[],
  { reader, guard }: { readonly reader: PacketReader; readonly guard: DisposableStack },
): Promise<Received> {
  const tips = commands.flatMap(({ after }) => after ?? []);
  // A request that only deletes carries no pack.
  if (tips.length === 0) return { unpack: "ok", refusal: undefined };
  const { gitDirectory, remote, store } = repository;
  // Before the pack: what others push meanwhile is complete as well, but not needed to judge this one.
  const complete = listRefs(gitDirectory, "refs/", () => {}).values();
  let unproven = tips;
  try {
    const pack = guard.use(await ingestPack(store, reader.rest(), { doing: `push to ${remote}` }));
    unproven = tips.filter((oid) => !pack.isWhole(oid));
  } catch (error) {
    // What broke on the sender's side must stay an error there, not become a line of the report.
    if (!(error instanceof LullError) || error.code !== "BAD_PACK") throw error;
    return { unpack: latin1(error.message), refusal: "unpacker error" };
  }
  try {
    await checkConnectivity(store, unproven, [...complete]);
  } catch (error) {
    if (!(error instanceof LullError) || error.code !== "BAD_PACK") throw error;
    return { unpack: "ok", refusal: "missing necessary objects" };
  }
  return { unpack: "ok", refusal: undefined };
}

/** Moves one ref; returns the reason when it must stay, in the words that git uses. */
function apply(repository: ServedRepository, command: Command, clock: Clock): string | undefined {
  const refusal = refuse(repository, command);
  if (refusal !== undefined) return refusal;
  const { ref, before, after } = command;
  const { gitDirectory, reflogPolicy: policy } = repository;
  try {
    if (after !== undefined) {
      const seconds = Math.floor(clock.now() / 1000);
      const who = {
        name: "lull",
        email: "lull@localhost",
        seconds,
        offsetMinutes: clock.utcOffset(clock.now()),
      };
      updateRef(gitDirectory, {
        name: ref,
        expected: before,
        next: after,
        reflog: { who, message: "push", policy },
      });
    } else if (before !== undefined) deleteRef(gitDirectory, ref, before);
    return undefined;
  } catch (error) {
    return refusalOf(error);
  }
}

function refuse(repository: ServedRepository, { ref, before, after }: Command): string | undefined {
  const { checkedOut, config, head, store } = repository;
  if (!ref.startsWith("refs/") || !isRefName(ref)) return "funny refname";
  if (checkedOut.has(ref)) return "branch is currently checked out";
  if (after === undefined) {
    if (config.boolean("receive.denydeletes") === true) return "deletion prohibited";
    if (ref === head && config.get("receive.denydeletecurrent")?.toLowerCase() !== "ignore") {
      return "deletion of the current branch prohibited";
    }
    return undefined;
  }
  if (ref.startsWith("refs/heads/") && store.header(after).kind !== "commit")
    return "a branch must be a commit";
  if (before !== undefined && config.boolean("receive.denynonfastforwards") === true) {
    const [old, next] = [peel(repository, before), peel(repository, after)];
    if (store.has(old) && !isAncestor(store, old, next)) return "non-fast-forward";
  }
  return undefined;
}

function refusalOf(error: unknown): string {
  if (!(error instanceof LullError)) throw error;
  switch (error.code) {
    case "REF_CHANGED":
      return "fetch first";
    case "REF_LOCKED":
      return "failed to lock";
    default:
      return latin1(error.message);
  }
}

function latin1(text: string): string {
  return Buffer.from(text.replaceAll("\n", " "), "utf8").toString("latin1");
}

function oidOrNone(oid: Oid): Oid | undefined {
  return oid === ZERO_OID ? undefined : oid;
}
