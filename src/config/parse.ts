/** From the config's text to a checked document. */
import type { Document } from "yaml";
import * as v from "valibot";

import { configAdvice } from "./examples.ts";
import { CONFIG_FILE } from "./file-kind.ts";
import { parseDocument } from "./parse-document.ts";
import type { ConfigText } from "./problems.ts";
import { type ConfigFile, configSchema } from "./schema.ts";

export type ParsedConfig = {
  readonly document: Document;
  readonly file: ConfigFile;
  readonly source: ConfigText;
};

/** @throws LullError `CONFIG_INVALID` (kind `config`) with one rendered block per problem in `causes` */
export function parseConfig(text: string, file: string): ParsedConfig {
  const { document, value, source } = parseDocument(text, file, {
    kind: CONFIG_FILE,
    schema: configSchema,
    advice: configAdvice,
  });
  return { document, file: v.parse(configSchema, value), source };
}
