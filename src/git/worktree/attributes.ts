/** Which gitattributes hold for a path (gitattributes(5)): rules from every file above it, macros expanded. */
import { commonDirectory } from "../refs/common-directory.ts";
import { parentPath } from "../paths.ts";
import { parseAttributes } from "./attribute-parse.ts";
import { readRuleFile } from "./rule-file.ts";
import { RuleIndex } from "./rule-index.ts";
import type { AttributeRule, AttributeState } from "./attribute-parse.ts";
import type { RepoPath } from "../model.ts";

/** Attribute → true (set), false (unset) or its value. What is unspecified is absent. */
export type PathAttributes = ReadonlyMap<string, boolean | string>;

export type Attributes = {
  of(path: RepoPath): PathAttributes;
  /** Answers for these attributes only, at once where no rule is about them; the answers may hold others as well. */
  only(names: readonly string[]): Pick<Attributes, "of">;
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
type States = AttributeRule["states"];
type Macros = ReadonlyMap<string, States>;

const BUILT_IN = "[attr]binary -diff -merge -text";

export function openAttributes(input: AttributesInput): Attributes {
  return new AttributeFiles(input);
}

class AttributeFiles implements Attributes {
  readonly #input: AttributesInput;
  readonly #outer: readonly RuleFile[];
  readonly #info: RuleFile;
  readonly #byDirectory = new Map<RepoPath, RuleFile>();
  #macros: Macros | undefined;
  #all: View | undefined;

  constructor(input: AttributesInput) {
    this.#input = input;
    const { attributesFile } = input;
    const personal = attributesFile === undefined ? undefined : readRuleFile(attributesFile, "follow");
    this.#outer = [parse("", BUILT_IN), parse("", personal)];
    this.#info = parse("", readRuleFile(`${commonDirectory(input.gitDirectory)}/info/attributes`, "follow"));
  }

  of(path: RepoPath): PathAttributes {
    this.#all ??= new View(this, undefined);
    return this.#all.of(path);
  }

  only(names: readonly string[]): Pick<Attributes, "of"> {
    return new View(this, names);
  }

  get ignoreCase(): boolean {
    return this.#input.ignoreCase;
  }

  macros(): Macros {
    if (this.#macros !== undefined) return this.#macros;
    const macros = new Map<string, States>();
    for (const { rules } of [...this.#outer, this.fileOf(""), this.#info]) {
      for (const { target, states } of rules) if (target.kind === "macro") macros.set(target.name, states);
    }
    this.#macros = macros;
    return macros;
  }

  /** `info/attributes`, stronger than all others. */
  get info(): RuleFile {
    return this.#info;
  }

  /** Weaker than every file in the work tree, the strongest last. */
  get outer(): readonly RuleFile[] {
    return this.#outer;
  }

  /** The file of one folder. */
  fileOf(directory: RepoPath): RuleFile {
    const known = this.#byDirectory.get(directory);
    if (known !== undefined) return known;
    const file = parse(directory, this.#input.read(directory));
    this.#byDirectory.set(directory, file);
    return file;
  }
}

/** The rules of one file that a view needs. */
type ViewedFile = { readonly states: readonly States[]; readonly index: RuleIndex };

const NOTHING: PathAttributes = new Map();

/** Some attributes, or all. Most paths of most repositories meet no rule that sets line ends or a filter. */
class View {
  readonly #files: AttributeFiles;
  readonly #wanted: readonly string[] | undefined;
  /** Folder → the files that say something in it but `info/attributes`, strongest first; most share their parent's. */
  readonly #chains = new Map<RepoPath, readonly ViewedFile[]>();
  #info: readonly ViewedFile[] | undefined;
  #names: ReadonlySet<string> | undefined;

  constructor(files: AttributeFiles, wanted: readonly string[] | undefined) {
    this.#files = files;
    this.#wanted = wanted;
  }

  of(path: RepoPath): PathAttributes {
    this.#info ??= this.#viewsOf([this.#files.info]);
    const chain = this.#chainOf(parentPath(path));
    if (chain.length === 0 && this.#info.length === 0) return NOTHING;
    const states = new Map<string, AttributeState>();
    for (const file of this.#info) this.#apply(file, path, states);
    for (const file of chain) this.#apply(file, path, states);
    const found = new Map<string, boolean | string>();
    for (const [name, state] of states) if (state !== undefined) found.set(name, state);
    return found;
  }

  /** Strongest first, so the first word on an attribute is the last. */
  #apply(file: ViewedFile, path: RepoPath, states: Map<string, AttributeState>): void {
    // A pattern for folders only says nothing about files.
    for (let at = file.index.last(path, false); at >= 0; at = file.index.last(path, false, at))
      this.#fill(file.states[at] ?? [], states);
  }

  #fill(set: States, states: Map<string, AttributeState>): void {
    for (const [name, state] of set.toReversed()) {
      if (states.has(name)) continue;
      states.set(name, state);
      const macro = state === true ? this.#files.macros().get(name) : undefined;
      if (macro !== undefined) this.#fill(macro, states);
    }
  }

  #chainOf(folder: RepoPath): readonly ViewedFile[] {
    const known = this.#chains.get(folder);
    if (known !== undefined) return known;
    const weaker =
      folder === "" ? this.#viewsOf(this.#files.outer.toReversed()) : this.#chainOf(parentPath(folder));
    const own = this.#index(this.#files.fileOf(folder));
    const chain = own === undefined ? weaker : [own, ...weaker];
    this.#chains.set(folder, chain);
    return chain;
  }

  #viewsOf(files: readonly RuleFile[]): readonly ViewedFile[] {
    return files.map((file) => this.#index(file)).filter((file) => file !== undefined);
  }

  #index({ directory, rules }: RuleFile): ViewedFile | undefined {
    if (rules.length === 0) return undefined;
    const wanted = rules.filter(({ target, states }) => target.kind === "pattern" && this.#isWanted(states));
    if (wanted.length === 0) return undefined;
    const patterns = wanted.map(({ target }) => (target.kind === "pattern" ? target.pattern : undefined));
    const { ignoreCase } = this.#files;
    return {
      states: wanted.map(({ states }) => states),
      index: new RuleIndex(patterns, { directory, ignoreCase }),
    };
  }

  #isWanted(states: States): boolean {
    if (this.#wanted === undefined) return true;
    this.#names ??= withMacros(this.#wanted, this.#files.macros());
    const names = this.#names;
    return states.some(([name]) => names.has(name));
  }
}

/** These attributes and all macros that set one of them: taking a macro away matters too. */
function withMacros(wanted: readonly string[], macros: Macros): ReadonlySet<string> {
  const names = new Set(wanted);
  for (let before = -1; before < names.size;) {
    before = names.size;
    for (const [macro, states] of macros) if (states.some(([name]) => names.has(name))) names.add(macro);
  }
  return names;
}

function parse(directory: RepoPath, text: string | undefined): RuleFile {
  return { directory, rules: text === undefined ? [] : parseAttributes(text, directory === "") };
}
