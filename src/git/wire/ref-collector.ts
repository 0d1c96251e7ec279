/** Gathers the refs that a server lists, whatever the protocol's version, and keeps strange ones out. */
import { transportError } from "../../transport/transport-error.ts";
import type { RemoteRefs } from "../git.ts";
import type { Oid } from "../model.ts";
import { isRefName, refNameFromBytes } from "../refs/ref-name.ts";

export type RefList = RemoteRefs & {
  /** Annotated tag → the object it finally points to. */
  readonly peeled: ReadonlyMap<string, Oid>;
  /** Everything else that the server has: refs of other kinds and what it borrows. Good for leaving objects out. */
  readonly others: readonly Oid[];
};

/** A remote with more is none that lull can keep in sync; the list alone would take 20 MB. */
const MAX_REFS = 200_000;

export class RefCollector {
  readonly #remote: string;
  readonly #refs = new Map<string, Oid>();
  readonly #peeled = new Map<string, Oid>();
  readonly #others: Oid[] = [];
  #headOid: Oid | undefined;
  #head: string | undefined;
  #count = 0;

  constructor(remote: string) {
    this.#remote = remote;
  }

  /** @param bytes the name as latin1 */
  add(bytes: string, oid: Oid): void {
    if (++this.#count > MAX_REFS) throw this.#tooMany();
    const name = refNameFromBytes(bytes);
    if (name === "HEAD") this.#headOid = oid;
    // A name that git itself would not accept could leave the refs folder (`refs/heads/../../config`).
    else if (/^refs\/(?:heads|tags|lull\/devices)\//.test(name) && isRefName(name)) this.#refs.set(name, oid);
    else this.#others.push(oid);
  }

  addPeeled(bytes: string, oid: Oid): void {
    if (++this.#count > MAX_REFS) throw this.#tooMany();
    this.#peeled.set(refNameFromBytes(bytes), oid);
  }

  setHead(bytes: string): void {
    const target = refNameFromBytes(bytes);
    if (target.startsWith("refs/heads/") && isRefName(target)) this.#head = target;
  }

  finish(): RefList {
    return {
      refs: this.#refs,
      head: this.#head ?? this.#guessHead(),
      peeled: this.#peeled,
      others: this.#others,
    };
  }

  /** Servers before 2013 do not say which branch HEAD is; git guesses the same way. */
  #guessHead(): string | undefined {
    if (this.#headOid === undefined) return undefined;
    for (const name of ["refs/heads/main", "refs/heads/master"]) {
      if (this.#refs.get(name) === this.#headOid) return name;
    }
    for (const [name, oid] of this.#refs) {
      if (oid === this.#headOid && name.startsWith("refs/heads/")) return name;
    }
    return undefined;
  }

  #tooMany(): Error {
    return transportError({
      code: "UNSUPPORTED",
      message: `${this.#remote} has more than ${MAX_REFS} refs; lull does not handle so many`,
    });
  }
}
