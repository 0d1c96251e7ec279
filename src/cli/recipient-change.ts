import type { ChangedRecipients } from "../app/settings/change-recipients.ts";
import type { Deps } from "../app/deps.ts";
import { safeText } from "../base/safe-text.ts";
import { askerOf } from "./asker.ts";
import type { ExitKind } from "./command.ts";
import { lookOf } from "./look-of.ts";
import { changedRecipientsLines } from "./print/recipients.ts";
import type { Session } from "./session.ts";
import { usageError } from "./usage-error.ts";

export type RecipientAsking = {
  readonly session: Session;
  readonly deps: Deps;
  /** As typed. */
  readonly who: string | undefined;
  readonly change: (from: {
    readonly who: string | undefined;
    readonly fetch: boolean;
    readonly dryRun: boolean;
  }) => Promise<ChangedRecipients>;
  /** Undefined: nobody has to be asked. */
  readonly question: string | undefined;
  /** Said before the question. */
  readonly warning: string | undefined;
};

/** Shows whom a change of recipients is about, asks, and carries it out for the key that was shown. */
export async function changeAfterAsking(asking: RecipientAsking): Promise<ExitKind> {
  const { session, deps, who, change } = asking;
  const { out, flags } = session;
  const isAsked = asking.question !== undefined && !flags.dryRun && !flags.yes;
  const seen = isAsked || flags.dryRun ? await change({ who, fetch: true, dryRun: true }) : undefined;
  if (isAsked && seen !== undefined && !(await isConfirmed(asking, seen))) {
    out.say(["Nothing was changed."]);
    return "ok";
  }
  const result =
    flags.dryRun && seen !== undefined
      ? seen
      : await change({ who: seen?.recipient.key ?? who, fetch: seen === undefined, dryRun: false });
  const notFetched = seen?.notFetched ?? result.notFetched;
  if (out.json) out.document({ ...result, notFetched });
  else out.say(changedRecipientsLines({ ...result, notFetched }, lookOf(session, deps)));
  return result.left.length > 0 ? "failed" : "ok";
}

async function isConfirmed(
  { session, question, warning }: RecipientAsking,
  seen: ChangedRecipients,
): Promise<boolean> {
  const { recipient, files, waiting } = seen;
  const ask = await askerOf(session);
  if (ask === undefined || question === undefined) throw notAsked(seen);
  session.out.print([
    `${safeText(recipient.name)} (${recipient.kind === "device" ? "device" : "recovery key"})`,
    `    ${recipient.key}`,
    `    ${files.length} encrypted ${files.length === 1 ? "file" : "files"}`,
    ...waiting.map(({ name, key }) => `Not for ${safeText(name)} (${key}), which waits`),
    ...(warning === undefined ? [] : [warning]),
  ]);
  const answer = await ask.choose({
    message: question,
    choices: [
      { value: "no", label: "No, change nothing" },
      { value: "yes", label: "Yes" },
    ],
  });
  return answer === "yes";
}

function notAsked({ recipient }: ChangedRecipients) {
  return usageError(
    "CONFIRMATION_MISSING",
    `it is about ${safeText(recipient.name)}, ${recipient.key}, and nobody can be asked here`,
    "compare the key with what `lull secret list` shows on that device, then add --yes",
  );
}
