/** What a receive-pack says about a push: in its report, and in the words of hooks beside it. */
import { safeText } from "../../base/safe-text.ts";
import { transportError } from "../../transport/transport-error.ts";
import { lineOf } from "./pkt-line.ts";
import type { PacketReader } from "./pkt-line.ts";

export type PushReport = {
  /** `ok`, or why the pack was refused as a whole. */
  readonly unpack: string;
  /** Ref → `ok`, or why it did not move. */
  readonly refs: ReadonlyMap<string, string>;
};

/** @throws LullError `TRUNCATED` when the report breaks off; `REMOTE_ERROR` when it is none */
export async function readReport(reader: PacketReader): Promise<PushReport> {
  let unpack: string | undefined;
  const refs = new Map<string, string>();
  for (;;) {
    const next = await reader.need();
    if (next.kind !== "data") break;
    const line = lineOf(next.bytes);
    const [, word, rest = ""] = /^(unpack|ok|ng) (.*)$/s.exec(line) ?? [];
    if (word === "unpack") unpack = rest;
    else if (word === "ok") refs.set(rest, "ok");
    else if (word === "ng") {
      const space = rest.indexOf(" ");
      refs.set(
        space < 0 ? rest : rest.slice(0, space),
        space < 0 ? "no reason given" : rest.slice(space + 1),
      );
    } else if (!line.startsWith("option ")) throw reader.malformed(`"${line.slice(0, 80)}" in a push report`);
  }
  if (unpack === undefined) throw reader.malformed("a push report without its first line");
  return { unpack, refs };
}

/**
 * Somebody else was faster, or is at it right now. There is no code in the protocol, only words: git's own, JGit's
 * (Gerrit, Azure) and libgit2's.
 */
const RACE =
  /non-?fast[- ]?forward|fetch first|stale info|(?:cannot|failed to|unable to) lock|lock error|lock_failure|incorrect old value|failed to update ref|is at [0-9a-f]{40} but expected/i;
/** A branch `a` beside `a/b`: no fetch and merge makes that possible. */
const NAME_CONFLICT = /exists; cannot create|directory\/file conflict|refname conflict/i;
const REFUSAL =
  /declined|denied|protected|prohibited|permission|not allowed|forbidden|read.?only|currently checked out|hook|policy/i;

/** Whether a rule or a hook of the server says no, rather than anything that another device or this one did. */
export function isForbidden(reason: string): boolean {
  return REFUSAL.test(reason) && !RACE.test(reason);
}

export type RefusalContext = {
  readonly remote: string;
  readonly ref: string;
  /** What the server printed beside the report, made safe. */
  readonly messages: readonly string[];
};

/**
 * Returns `behind` when the remote moved meanwhile, else throws what stands in the way.
 * @throws LullError `FORBIDDEN` with the hook's own lines, `REMOTE_ERROR`
 */
export function judgeRefusal(reason: string, { remote, ref, messages }: RefusalContext): "behind" {
  if (RACE.test(reason) && !NAME_CONFLICT.test(reason)) return "behind";
  const said = [safeText(decoded(reason)), ...messages].join("; ");
  const checkedOut = /currently checked out/i.test(reason);
  throw transportError({
    code: REFUSAL.test(reason) ? "FORBIDDEN" : "REMOTE_ERROR",
    message: `push of ${ref} to ${remote} was refused: ${said}`,
    ...(checkedOut
      ? {
          causes: ["that branch is the one the remote repository works on; it has a work tree of its own"],
          hint: "push to a bare repository (`git init --bare`)",
        }
      : {}),
    data: { ref },
  });
}

function decoded(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8").slice(0, 300);
}
