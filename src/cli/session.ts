import type { Deps } from "../app/deps.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { CliIo } from "./cli-io.ts";
import type { GlobalFlags } from "./global-flags.ts";
import type { Output } from "./output.ts";

/** What a running command has at hand. */
export type Session = {
  readonly io: CliIo;
  readonly flags: GlobalFlags;
  readonly out: Output;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /**
   * Builds the adapters on first use, so that a command without need for them starts at once.
   * `staysOpen`: as `ComposeInput` has it.
   */
  deps(options?: { readonly staysOpen: boolean }): Promise<Deps>;
  /** The same for another environment, as of another machine; `configFile` undefined: its usual place. */
  compose(place: { readonly env: CliIo["env"]; readonly configFile: string | undefined }): Promise<Deps>;
};
