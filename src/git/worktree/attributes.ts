/** Which gitattributes hold for a path (gitattributes(5)): rules from every file above it, macros expanded. */
import { parentPath } from "../paths.ts";
import { parseAttributes } from "./attribute-parse.ts";
import { matchesPath } from "./path-pattern.ts";
import { readRuleFile } from "./rule-file.ts";
import type { AttributeRule, AttributeState } from "./attribute-parse.ts";
import type { RepoPath } from "../model.ts";

/** Attribute → true (set), false (unset) or its value. What is unspecified is absent. */
export type PathAttributes = ReadonlyMap<string, boolean | string>;

export type Attributes = {
  of(path: RepoPath): PathAttributes;
  /** True when any rule read so far names this attribute: lets a caller skip work that no rule asks for. */
  mentions(attribute: string): boolean;
};

export type AttributesInput = {
  readonly gitDirectory: string;
  /** `core.attributesFile`, absolute. */
  readonly attributesFile: string | undefined;
  readonly ignoreCase: boolean;
  /**
   * The text of a folder's `.gitattributes` ("" for the top). Where it comes from is the caller's choice: on the way
   * in the work tree (then the index), on the way out the tree that is being checked out.
   */
  readonly read: (directory: RepoPath) => string | undefined;
};

type RuleFile = { readonly directory: RepoPath; readonly rules: readonly AttributeRule[] };
type States = readonly (readonly [name: string, state: AttributeState])[];

const BUILT_IN = "[attr]binary -diff -merge -text";

export function openAttributes(input: AttributesInput): Attributes {
  return new AttributeFiles(input);
}

class AttributeFiles implements Attributes {
  readonly #input: AttributesInput;
  /** Weaker than every file in the work tree. */
  readonly #outer: readonly RuleFile[];
  /** `info/attributes`, stronger than all others. */
  readonly #info: RuleFile;
  readonly #byDirectory = new Map<RepoPath, RuleFile>();
  readonly #mentioned = new Set<string>();
  #macros: ReadonlyMap<string, States> | undefined;

  constructor(input: AttributesInput) {
    this.#input = input;
    const { attributesFile } = input;
    const personal = attributesFile === undefined ? undefined : readRuleFile(attributesFile, "follow");
    this.#outer = [{ directory: "", rules: parseAttributes(BUILT_IN, true) }, this.#parse("", personal)];
    this.#info = this.#parse("", readRuleFile(`${input.gitDirectory}/info/attributes`, "follow"));
  }

  of(path: RepoPath): PathAttributes {
    const states = new Map<string, AttributeState>();
    this.#apply(this.#info, path, states);
    for (let directory = path; directory !== "";) {
      directory = parentPath(directory);
      this.#apply(this.#fileOf(directory), path, states);
    }
    for (const file of this.#outer.toReversed()) this.#apply(file, path, states);
    const found = new Map<string, boolean | string>();
    for (const [name, state] of states) if (state !== undefined) found.set(name, state);
    return found;
  }

  mentions(attribute: string): boolean {
    return this.#mentioned.has(attribute);
  }

  /** Strongest first, so the first word on an attribute is the last. */
  #apply(file: RuleFile, path: RepoPath, states: Map<string, AttributeState>): void {
    for (const { target, states: set } of file.rules.toReversed()) {
      // A pattern for folders only says nothing about files.
      if (target.kind === "macro" || target.pattern.directoryOnly) continue;
      if (matchesPath(target.pattern, path, file.directory, this.#input.ignoreCase)) this.#fill(set, states);
    }
  }

  #fill(set: States, states: Map<string, AttributeState>): void {
    for (const [name, state] of set.toReversed()) {
      if (states.has(name)) continue;
      states.set(name, state);
      const macro = state === true ? this.#allMacros().get(name) : undefined;
      if (macro !== undefined) this.#fill(macro, states);
    }
  }

  #allMacros(): ReadonlyMap<string, States> {
    if (this.#macros !== undefined) return this.#macros;
    const macros = new Map<string, States>();
    for (const { rules } of [...this.#outer, this.#fileOf(""), this.#info]) {
      for (const { target, states } of rules) if (target.kind === "macro") macros.set(target.name, states);
    }
    this.#macros = macros;
    return macros;
  }

  #fileOf(directory: RepoPath): RuleFile {
    const known = this.#byDirectory.get(directory);
    if (known !== undefined) return known;
    const file = this.#parse(directory, this.#input.read(directory));
    this.#byDirectory.set(directory, file);
    return file;
  }

  #parse(directory: RepoPath, text: string | undefined): RuleFile {
    const rules = text === undefined ? [] : parseAttributes(text, directory === "");
    for (const { states } of rules) for (const [name] of states) this.#mentioned.add(name);
    return { directory, rules };
  }
}
