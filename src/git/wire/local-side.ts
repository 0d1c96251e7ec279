import { LullError } from "../../base/errors.ts";
import { type Oid, ZERO_OID } from "../model.ts";
import { prepareInflate } from "../objects/inflate.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { listRefs } from "../refs/ref-store.ts";
import type { ReflogEntry } from "../refs/reflog.ts";
import { chooseHaves } from "./choose-haves.ts";

export type LocalSideInput = {
  readonly gitDirectory: string;
  /** The remote's name, as in `refs/remotes/<name>/*`. */
  readonly remote: string;
  readonly store: ObjectStore;
  readonly signal: AbortSignal;
  readonly reflog?: ReflogEntry | undefined;
  readonly whileWaiting?: (() => void) | undefined;
};

/** What a fetch has to know about this side. Each thing is found out once, in the time that the server takes to answer. */
export class LocalSide {
  readonly #input: LocalSideInput;
  #tips: readonly Oid[] | undefined;
  #haves: readonly Oid[] | undefined;

  constructor(input: LocalSideInput) {
    this.#input = input;
  }

  /** All that is complete here; first what this very remote had last time. */
  get tips(): readonly Oid[] {
    if (this.#tips !== undefined) return this.#tips;
    const { gitDirectory, remote, store } = this.#input;
    const refs = listRefs(gitDirectory, "refs/", () => {});
    // No server has heard of a savepoint, and there may be thousands; what is below them, the branches name.
    for (const name of refs.keys()) if (name.startsWith("refs/lull/")) refs.delete(name);
    const prefix = `refs/remotes/${remote}/`;
    const known = [...refs].filter(([name]) => name.startsWith(prefix));
    this.#tips = [...new Set([...known.map(([, oid]) => oid), ...refs.values()])];
    store.refresh();
    return this.#tips;
  }

  /** Commits to name to the server. */
  haves(): readonly Oid[] {
    this.#haves ??= chooseHaves(this.#input.store, this.tips, this.#input.signal);
    return this.#haves;
  }

  /** Before it is known whether there is any news. */
  *look(): Generator<undefined> {
    yield void this.tips;
    // What is nowhere is looked for in all packs.
    yield void this.#input.store.packed(ZERO_OID);
    yield void this.haves();
  }

  /** When news are about to come. What goes wrong here goes wrong again where it is needed, or is not needed. */
  *prepare(): Generator<undefined> {
    prepareInflate();
    // The first look at the time zone takes 7 ms.
    yield void this.#input.reflog?.who;
    try {
      this.#input.whileWaiting?.();
    } catch (error) {
      if (!(error instanceof LullError)) throw error;
    }
  }
}
