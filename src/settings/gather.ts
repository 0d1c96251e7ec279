/**
 * Brings what lives in the home into the managed repository: copies, never links into it. For each file three versions
 * tell what to do: the file, its copy, and what was gathered last. Only what changed here is copied; what another device
 * changed stays; what both changed follows the source's rule. One file that can not be read does not stop the others.
 */
import { lstatSync } from "node:fs";

import type { Clock } from "../base/clock.ts";
import { formatByteSize } from "../base/byte-size.ts";
import { fromSystem, systemCode } from "../base/errors.ts";
import { ownNameOf } from "./copy-name.ts";
import { type Cipher, SEALED } from "./cipher.ts";
import type { Variants } from "./variants.ts";
import { type Content, digestOf, isSame, isYoung, lookAt, readContent } from "./content.ts";
import { type CopyPlace, CopyWriter } from "./copy-in.ts";
import type { FoundFile, Found, PassedOver, Top } from "./find-files.ts";
import { holdsSecret } from "./private-key.ts";
import type { Gathered, GatherRecord } from "./gather-record.ts";

export type GatherInput = {
  readonly found: Found;
  readonly record: GatherRecord;
  readonly place: CopyPlace;
  /** Undefined: what may be kept encrypted only stays out. */
  readonly cipher: Cipher | undefined;
  /** Whether a file that went here takes its copy along. */
  readonly syncDeletions: boolean;
  /** Which version a path keeps that here and elsewhere was changed. */
  readonly both: (file: FoundFile) => Kept;
  /** The name for the home's version, where both are kept. */
  readonly besideName: (name: string) => string;
  /** Whether the home follows what the path keeps; if not, the two go on side by side. */
  readonly homeFollows: boolean;
  readonly variants: Variants;
  /** Whether a copy, by its name in the repository, is in its history as it stands. */
  readonly isCommitted: (name: string) => boolean;
  /** Larger files stay out; bytes. */
  readonly largest: number;
  readonly dryRun: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

/** The version that has the path: the home's, the copy's, or the copy's with the home's beside it. */
export type Kept = "home" | "copy" | "beside";

export type Gather = {
  readonly record: GatherRecord;
  readonly added: readonly string[];
  readonly updated: readonly string[];
  readonly removed: readonly string[];
  /** Changed here and elsewhere, with the version that was kept. */
  readonly met: readonly { readonly copy: string; readonly kept: Kept }[];
  /** Files that differ from a copy that this device never had: a person decides (`lull adopt`). */
  readonly undecided: readonly FoundFile[];
  /** With an encrypted copy from now on; older versions may stand in clear in the history, under the copy's name. */
  readonly newlySealed: readonly { readonly path: string; readonly copy: string }[];
  readonly passedOver: readonly PassedOver[];
};

/** Nothing is written in a dry run; what would be is told. */
export async function gather(input: GatherInput): Promise<Gather> {
  const run = new GatherRun(input);
  await run.removeGone();
  for (const file of input.found.files) {
    // Without a turn of the event loop for each of ten thousand.
    if (run.isAsBefore(file)) continue;
    input.signal.throwIfAborted();
    await run.attempt(file);
  }
  return run.finish();
}

class GatherRun {
  readonly #input: GatherInput;
  readonly #writer: CopyWriter;
  readonly #record = new Map<string, Gathered>();
  readonly #added: string[] = [];
  readonly #updated: string[] = [];
  readonly #removed: string[] = [];
  readonly #met: { copy: string; kept: Kept }[] = [];
  readonly #undecided: FoundFile[] = [];
  readonly #newlySealed: { path: string; copy: string }[] = [];
  readonly #passedOver: PassedOver[];

  constructor(input: GatherInput) {
    this.#input = input;
    this.#writer = new CopyWriter(input.place);
    this.#passedOver = [...input.found.passedOver];
  }

  finish(): Gather {
    if (!this.#input.dryRun) this.#writer.makeDurable();
    return {
      record: this.#record,
      added: this.#added,
      updated: this.#updated,
      removed: this.#removed,
      met: this.#met,
      undecided: this.#undecided,
      newlySealed: this.#newlySealed,
      passedOver: this.#passedOver,
    };
  }

  /** Before anything is written: a folder may stand now where a file was. */
  async removeGone(): Promise<void> {
    const { found, record, syncDeletions, dryRun } = this.#input;
    const here = new Set(found.files.map(({ copy }) => copy));
    for (const [copy, gathered] of record) {
      if (here.has(copy)) continue;
      const fate = isBelowAny(copy, here) ? "gone" : fateOf(copy, found);
      if (fate === "unknown" || (fate === "gone" && !syncDeletions)) {
        this.#record.set(copy, gathered);
        continue;
      }
      // No longer selected, or changed elsewhere meanwhile: the copy stays, and is nobody's here.
      const name = nameIn(this.#input.variants.nameOf(copy), gathered.isSealed);
      if (fate === "not-selected" || !(await this.#isOurs(this.#copyAt(name), gathered))) continue;
      if (!dryRun) this.#writer.remove(name);
      this.#removed.push(name);
    }
  }

  isAsBefore({ copy, stat }: FoundFile): boolean {
    const last = this.#input.record.get(copy);
    if (last === undefined || last.isYoung || !isSame(last.stamp, stat)) return false;
    this.#record.set(copy, last);
    return true;
  }

  async attempt(file: FoundFile): Promise<void> {
    try {
      await this.#take(file);
    } catch (error) {
      const fault = fromSystem(error, `gather ${file.path}`);
      // Trouble of the managed repository's disk is not that of one file.
      if (fault.kind === "interrupted" || DISK_FAULTS.has(fault.code)) throw fault;
      this.#pass(file, fault.message);
    }
  }

  async #take(file: FoundFile): Promise<void> {
    const { record, largest, cipher, clock } = this.#input;
    const last = record.get(file.copy);
    if (file.stat.size > largest) return this.#pass(file, tooLarge(file, largest));
    const content = readContent(file.path);
    if (content === undefined) return this.#pass(file, "it is being changed right now");
    const isSealedByUs = !content.isLink && (file.encrypt || holdsSecret(content.bytes));
    const isSealed = isSealedByUs || (!content.isLink && this.#isSealedElsewhere(file, last));
    if (isSealed && cipher === undefined) return this.#pass(file, NEEDS_CIPHER);
    const digest = digestOf(content);
    const young = isYoung(content.stamp, clock.now());
    const seen = { stamp: content.stamp, isYoung: young, isSealed, isSealedByUs, digest, copyDigest: digest };
    if (last?.digest === digest && last.isSealed === isSealed)
      return this.#touched(file, { content, seen, last });
    if (last !== undefined && last.isSealed !== isSealed) await this.#removeOther(file, last);
    if (isSealed && cipher !== undefined) await this.#sealed(file, { content, seen, last, cipher });
    else await this.#plain(file, { content, seen, last });
  }

  /** As it was gathered, whatever its times say: a copy that another device has changed meanwhile stays. */
  async #touched(
    file: FoundFile,
    { content, seen, last }: Taken & { readonly last: Gathered },
  ): Promise<void> {
    this.#record.set(file.copy, { ...seen, copyDigest: last.copyDigest });
    const hasOtherMode = ((last.stamp.mode ^ content.stamp.mode) & 0o777) !== 0;
    if (content.isLink || !hasOtherMode) return;
    const name = nameIn(this.#nameOf(file), last.isSealed);
    if (!(await this.#isOurs(this.#copyAt(name), last))) return;
    if (!this.#input.dryRun) this.#writer.setMode(name, content.mode);
    this.#updated.push(name);
  }

  /** What another device keeps encrypted does not go there in clear because this one's config does not say so. */
  #isSealedElsewhere(file: FoundFile, last: Gathered | undefined): boolean {
    if (last?.isSealed === true && last.isSealedByUs === true) return false;
    const { directory } = this.#input.place;
    const name = this.#nameOf(file);
    return lookAt(`${directory}/${nameIn(name, true)}`)?.isFile() === true && !lookAt(`${directory}/${name}`);
  }

  /** It is encrypted from now on, or no longer: the copy that there was has another name. */
  async #removeOther(file: FoundFile, last: Gathered): Promise<void> {
    const name = nameIn(this.#nameOf(file), last.isSealed);
    if (!(await this.#isOurs(this.#copyAt(name), last))) return;
    if (!this.#input.dryRun) this.#writer.remove(name);
    this.#removed.push(name);
  }

  /** Another device has gathered the same in clear, or this one whose record was lost. */
  #removeClear(name: string, { digest }: Gathered): void {
    const copy = this.#copyAt(name);
    if (copy === undefined || digestOf(copy) !== digest) return;
    if (!this.#input.dryRun) this.#writer.remove(name);
    this.#removed.push(name);
  }

  async #plain(file: FoundFile, { content, seen, last }: Taken): Promise<void> {
    const name = this.#nameOf(file);
    const copy = this.#copyAt(name);
    if (copy !== undefined && digestOf(copy) === seen.digest) {
      this.#record.set(file.copy, seen);
      return;
    }
    const write = (to: string): void => {
      if (!this.#input.dryRun) this.#writer.write(to, content);
      this.#record.set(file.copy, seen);
    };
    await this.#decide(file, { name, copy, seen, last, write });
  }

  async #sealed(file: FoundFile, taken: Taken & { readonly cipher: Cipher }): Promise<void> {
    const { content, seen, last, cipher } = taken;
    const clear = this.#nameOf(file);
    const name = nameIn(clear, true);
    const copy = this.#copyAt(name);
    if (copy !== undefined) {
      const copyDigest = digestOf(copy);
      // Sealing gives other bytes each time: what holds the same already stays.
      if (Buffer.compare(await cipher.decrypt(copy.bytes), content.bytes) === 0)
        return void this.#record.set(file.copy, { ...seen, copyDigest });
    } else {
      this.#newlySealed.push({ path: file.path, copy: clear });
      this.#removeClear(clear, seen);
    }
    const bytes = await cipher.encrypt(content.bytes);
    const write = (to: string): void => {
      if (!this.#input.dryRun) this.#writer.write(to, { ...content, bytes });
      this.#record.set(file.copy, { ...seen, copyDigest: digestOf({ bytes, isLink: false }) });
    };
    await this.#decide(file, { name, copy, seen, last, write });
  }

  async #decide(file: FoundFile, { name, copy, seen, last, write }: Versions): Promise<void> {
    if (copy === undefined || (await this.#isOurs(copy, last))) {
      write(name);
      (copy === undefined ? this.#added : this.#updated).push(name);
      return;
    }
    if (last === undefined) return void this.#undecided.push(file);
    const kept = this.#input.both(file);
    if (kept === "home") {
      if (!this.#input.isCommitted(name))
        return this.#pass(file, "its copy was edited, too, and is in no commit yet");
      write(name);
    } else {
      if (kept === "beside") {
        const beside = nameIn(this.#input.besideName(this.#nameOf(file)), seen.isSealed);
        write(beside);
        this.#added.push(beside);
      }
      // As if the home had been so when it was gathered last: what came since then is what it has to follow.
      const copyDigest = this.#input.homeFollows ? last.copyDigest : digestOf(copy);
      this.#record.set(file.copy, { ...seen, copyDigest });
    }
    this.#met.push({ copy: name, kept });
  }

  /** As it was gathered last; one that was encrypted anew, here or elsewhere, is known by what is in it. */
  async #isOurs(copy: Content | undefined, last: Gathered | undefined): Promise<boolean> {
    if (copy === undefined || last === undefined) return false;
    if (digestOf(copy) === last.copyDigest) return true;
    const { cipher } = this.#input;
    if (!last.isSealed || cipher === undefined) return false;
    try {
      return digestOf({ bytes: await cipher.decrypt(copy.bytes), isLink: false }) === last.digest;
    } catch (error) {
      if (fromSystem(error, "decrypt").kind === "interrupted") throw error;
      return false;
    }
  }

  #nameOf(file: FoundFile): string {
    return this.#input.variants.nameOf(file.copy, file);
  }

  #copyAt(name: string): Content | undefined {
    return readContent(`${this.#input.place.directory}/${name}`);
  }

  #pass({ app, path, copy }: FoundFile, reason: string): void {
    this.#passedOver.push({ app, path, reason });
    const last = this.#input.record.get(copy);
    if (last !== undefined) this.#record.set(copy, last);
  }
}

function nameIn(name: string, isSealed: boolean): string {
  return isSealed ? name + SEALED : name;
}

type Taken = {
  readonly content: Content;
  /** The file as it is now, for the record. */
  readonly seen: Gathered;
  readonly last: Gathered | undefined;
};

type Versions = Omit<Taken, "content"> & {
  /** Of the copy in the repository. */
  readonly name: string;
  readonly copy: Content | undefined;
  readonly write: (to: string) => void;
};

const NEEDS_CIPHER = "it may be kept encrypted only; `lull secret init` makes the key";

function tooLarge({ stat }: FoundFile, largest: number): string {
  return `it has ${formatByteSize(stat.size)}, more than \`guards.file_size\` lets in (${formatByteSize(largest)})`;
}

const DISK_FAULTS = new Set(["ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENFILE"]);

/** What became of a file that was gathered and was not found now. */
function fateOf(copy: string, { tops, unseen }: Found): "gone" | "unknown" | "not-selected" {
  if (unseen.some((one) => isBelow(copy, one))) return "unknown";
  const over = tops.filter((top) => isBelow(copy, top.copy));
  const [top] = over;
  if (top === undefined) return "not-selected";
  const path = `${top.path}${ownNameOf(copy).slice(ownNameOf(top.copy).length)}`;
  // It is here, and is excluded now.
  if (kindAt(path) === "file") return "not-selected";
  return over.some((one) => isGone(copy, one)) ? "gone" : "unknown";
}

/** A file or link stands where its folder was. */
function isBelowAny(copy: string, files: ReadonlySet<string>): boolean {
  for (let slash = copy.lastIndexOf("/"); slash > 0; slash = copy.lastIndexOf("/", slash - 1))
    if (files.has(copy.slice(0, slash))) return true;
  return false;
}

function isBelow(copy: string, folder: string): boolean {
  return copy === folder || copy.startsWith(`${folder}/`);
}

/** A folder that is gone as a whole may be a disk that is not there, or an app that was removed: that is no deletion. */
function isGone(copy: string, top: Top): boolean {
  if (top.is !== "absent") return top.is !== "unreadable";
  return top.copy === copy && kindAt(top.path.slice(0, top.path.lastIndexOf("/"))) === "folder";
}

function kindAt(path: string): "file" | "folder" | "nothing" {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat === undefined ? "nothing" : stat.isDirectory() ? "folder" : "file";
  } catch (error) {
    return systemCode(error) === "ENOTDIR" ? "nothing" : "file";
  }
}
