/**
 * The config file for use-cases: what is known of it is answered at once; parser, schema and editor are loaded when
 * they have something to do.
 */
import { existsSync } from "node:fs";

import { type ConfigCachePlace, keepCheckedConfig, readCheckedConfig } from "./checked-config-cache.ts";
import type { ConfigEditor, ConfigEditorInput } from "./config-editor.ts";
import type { NewSource } from "./edit-text.ts";
import type { LoadedConfig } from "./load.ts";
import { readConfigBytes } from "./read-text.ts";

export type ConfigAccessInput = ConfigEditorInput & {
  /** Left out: the file is parsed and checked each time. */
  readonly cache: ConfigCachePlace | undefined;
};

export class ConfigAccess {
  readonly file: string;
  readonly #input: ConfigAccessInput;

  constructor(input: ConfigAccessInput) {
    this.file = input.file;
    this.#input = input;
  }

  exists(): boolean {
    return existsSync(this.file);
  }

  async load(): Promise<LoadedConfig> {
    const { file, home, device, assertPrivate } = this.#input;
    const cache = this.#input.cache && { ...this.#input.cache, home, device, assertPrivate };
    assertPrivate(file);
    // What is checked and what is kept are these bytes, whatever becomes of the file meanwhile.
    const bytes = readConfigBytes(file);
    const known = cache && readCheckedConfig(cache, bytes);
    if (known !== undefined) return known;
    const { loadBytes } = await import("./load.ts");
    const loaded = loadBytes(bytes, file, this.#input);
    if (cache !== undefined) keepCheckedConfig(cache, bytes, loaded);
    return loaded;
  }

  async text(): Promise<string> {
    return (await this.#editor()).text();
  }

  async create(starter: { readonly device: string }): Promise<void> {
    (await this.#editor()).create(starter);
  }

  async addSource(...input: Parameters<ConfigEditor["addSource"]>): Promise<void> {
    (await this.#editor()).addSource(...input);
  }

  async addSources(...input: Parameters<ConfigEditor["addSources"]>): Promise<void> {
    (await this.#editor()).addSources(...input);
  }

  async textOfSources(sources: readonly NewSource[]): Promise<string> {
    return (await import("./edit-text.ts")).textOfSources(sources);
  }

  async removeSource(name: string): Promise<void> {
    (await this.#editor()).removeSource(name);
  }

  async get(path: string): Promise<unknown> {
    return (await this.#editor()).get(path);
  }

  async set(...input: Parameters<ConfigEditor["set"]>): Promise<unknown> {
    return (await this.#editor()).set(...input);
  }

  async editList(...input: Parameters<ConfigEditor["editList"]>): Promise<void> {
    (await this.#editor()).editList(...input);
  }

  async jsonSchema(): Promise<unknown> {
    return (await import("./json-schema.ts")).configJsonSchema();
  }

  async #editor(): Promise<ConfigEditor> {
    return new (await import("./config-editor.ts")).ConfigEditor(this.#input);
  }
}
