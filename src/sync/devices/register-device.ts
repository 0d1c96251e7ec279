import { LullError } from "../../base/errors.ts";
import type { Connection } from "../../git/git.ts";
import { authorOf } from "../author.ts";
import type { RunContext } from "../run-context.ts";
import { deviceMessage } from "./device-record.ts";

/**
 * How old the word of a device may get. A push of its own costs two requests (60 ms beside git's http-backend on this
 * very machine, where a push costs 100 and a sync without news 16), so not with every sync: the last sync of a device is
 * known to the day.
 */
const RENEW_MS = 24 * 60 * 60 * 1000;

export type Registration = {
  readonly remote: string;
  readonly connect: () => Promise<Connection>;
  readonly signal: AbortSignal;
};

/**
 * Says in the remote that this device takes part: its name, system and version, and by the date when it was there
 * last. A remote that does not take it is left alone for a day; the sync itself is done and stays so.
 */
export async function registerDevice(
  context: RunContext,
  { remote, connect, signal }: Registration,
): Promise<void> {
  const { deps, repository, options, recorder, source } = context;
  const { registration, clock } = deps;
  if (registration === undefined || options.dryRun || source.direction === "pull") return;
  const { id, system, version } = registration;
  const message = deviceMessage({ name: deps.device, system, version, forgotten: false });
  try {
    const last = repository.record(remote, id);
    const age = last === undefined ? undefined : clock.now() - last.at;
    const isYoung = age !== undefined && age >= 0 && age < RENEW_MS;
    if (isYoung && last?.message === message) return;
    if (registration.rests(remote, source.name)) return;
    await repository.pushRecord({
      connection: await connect(),
      remote,
      id,
      message,
      author: authorOf(context),
      signal,
    });
  } catch (error) {
    if (!(error instanceof LullError) || error.kind === "interrupted") throw error;
    registration.rest(remote, source.name);
    recorder.step("push", `the list of devices was not taken: ${error.message}`);
  }
}
