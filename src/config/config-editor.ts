/** The config file on disk: read it, and change it without ever writing something that would not load again. */
import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { makePrivateDirectory, writeFileAtomic } from "../base/atomic-file.ts";
import { LullError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest-word.ts";
import {
  addItems,
  addSources,
  changeItems,
  getValue,
  type NewSource,
  parseValue,
  removeSource,
  setValue,
} from "./edit-text.ts";
import { defaultAt } from "./defaults.ts";
import { loadConfig, type LoadedConfig, resolveText } from "./load.ts";
import { parseConfig } from "./parse.ts";
import { readConfigText } from "./read-text.ts";
import type { ResolveInput } from "./resolve.ts";
import { knownKeys, takesAnyName } from "./schema-shape.ts";
import { starterConfig } from "./template.ts";

export type ConfigEditorInput = ResolveInput & {
  /** Absolute path of the YAML file. */
  readonly file: string;
  /** Refuses a file that others could have written; called before every read. */
  readonly assertPrivate: (path: string) => void;
};

export class ConfigEditor {
  readonly file: string;
  readonly #input: ConfigEditorInput;

  constructor(input: ConfigEditorInput) {
    this.file = input.file;
    this.#input = input;
  }

  exists(): boolean {
    return existsSync(this.file);
  }

  load(): LoadedConfig {
    this.#input.assertPrivate(this.file);
    return loadConfig(this.file, this.#input);
  }

  text(): string {
    this.#input.assertPrivate(this.file);
    return readConfigText(this.file);
  }

  create(starter: { readonly device: string }): void {
    makePrivateDirectory(dirname(this.file));
    this.#input.assertPrivate(this.file);
    if (this.exists()) return;
    writeFileAtomic(this.file, starterConfig(starter.device), { mode: 0o600 });
  }

  addSource(
    name: string,
    entry: Readonly<Record<string, unknown>>,
    options: { readonly dryRun: boolean },
  ): void {
    this.addSources([{ name, entry }], options);
  }

  addSources(sources: readonly NewSource[], options: { readonly dryRun: boolean }): void {
    this.#edit((text) => addSources(text, sources), options.dryRun);
  }

  removeSource(name: string): void {
    this.#edit((text) => removeSource(text, name));
  }

  get(path: string): unknown {
    const keys = splitPath(path);
    const text = this.text();
    const value = getValue(text, keys);
    if (value !== undefined && value !== null) return value;
    const file = parseConfig(text, this.file).file;
    this.#assertKnown(path, keys, Object.keys(file.sources ?? {}));
    return defaultAt(file, this.#input.device, keys);
  }

  #assertKnown(path: string, keys: readonly string[], sources: readonly string[]): void {
    const [first, source] = keys;
    const isSource = first === "sources" && source !== undefined;
    if (isSource && !sources.includes(source)) throw unknownPath(path, nearestWord(source, sources));
    if (isSource && keys.length === 2) return;
    if (takesAnyName(keys.slice(0, -1))) return;
    const last = keys.at(-1) ?? "";
    const known = knownKeys(keys.slice(0, -1));
    if (!known.includes(last)) throw unknownPath(path, nearestWord(last, known));
  }

  set(path: string, value: string, options: { readonly dryRun: boolean }): unknown {
    const keys = splitPath(path);
    const parsed = parseValue(value);
    return this.#edit((text) => setValue(text, keys, parsed), options.dryRun, keys);
  }

  /** Adds items to a list, after others were changed, or taken out by undefined. */
  editList(
    path: readonly string[],
    {
      add = [],
      change = (item) => item,
    }: { readonly add?: readonly unknown[]; readonly change?: (item: unknown) => unknown },
    options: { readonly dryRun: boolean },
  ): void {
    this.#edit((text) => addItems(changeItems(text, path, change), path, add), options.dryRun);
  }

  /** Checks the new text before anything is written, and the old one for a change that came in between. */
  #edit(change: (text: string) => string, dryRun = false, read: readonly string[] = []): unknown {
    // What would be added to a file that is not made yet can be checked all the same.
    const before = dryRun && !this.exists() ? starterConfig(this.#input.device) : this.text();
    const after = change(before);
    resolveText(after, this.file, this.#input);
    if (!dryRun) {
      if (this.text() !== before) throw changedMeanwhile(this.file);
      const target = this.#target();
      writeFileAtomic(target, byteOrderMark(target) + after, { mode: statSync(target).mode & 0o777 });
    }
    return read.length === 0 ? undefined : getValue(after, read);
  }

  /** Dotfile managers link the config to its real place: the link stays a link. */
  #target(): string {
    return lstatSync(this.file).isSymbolicLink() ? realpathSync(this.file) : this.file;
  }
}

/** Some editors begin a file with one; it is no part of the text, and the person's own like every other byte. */
function byteOrderMark(file: string): string {
  return readFileSync(file).subarray(0, 3).equals(Buffer.from("\uFEFF")) ? "\uFEFF" : "";
}

/** `sources.notes.remote`; a name with dots is quoted: `sources."my.notes".remote`. */
function splitPath(path: string): readonly string[] {
  const keys = [...path.matchAll(/"([^"]*)"|([^."]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  // `__proto__` is no key of anything.
  if (keys.length > 0 && keys.every((key) => key !== "" && !(key in {}))) return keys;
  throw unknownPath(path, undefined);
}

function unknownPath(path: string, nearest: string | undefined): LullError {
  return new LullError({
    kind: "usage",
    code: "UNKNOWN_CONFIG_PATH",
    message: `the config has nothing at \`${path}\``,
    hint: nearest === undefined ? "`lull config show` prints what there is" : `did you mean \`${nearest}\`?`,
  });
}

function changedMeanwhile(file: string): LullError {
  return new LullError({
    kind: "failed",
    code: "CONFIG_CHANGED",
    message: `${file} was changed by somebody else at the same moment`,
    hint: "nothing was written; run the command again",
  });
}
