import { toJsonSchema } from "@valibot/to-json-schema";

import { DEFAULTS } from "./defaults.ts";
import { configSchema } from "./schema.ts";

/** What of JSON Schema occurs here. */
type Node = {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly title?: string;
  readonly default?: unknown;
};

/** The schema of the config file for editors (JSON Schema draft-07). What it can not express, `config check` says. */
export function configJsonSchema(): unknown {
  // Checks in code (schedules, durations) have no counterpart in JSON Schema; they are left out.
  const schema = toJsonSchema(configSchema, { errorMode: "ignore" }) as Node;
  return { ...annotated(schema, ""), title: "lull configuration" };
}

/** Adds to each key what an editor shows beside its description: a title, and the default where there is one. */
function annotated(node: Node, path: string): Node {
  const { properties, additionalProperties, items, anyOf } = node;
  return {
    ...node,
    ...(properties === undefined ? {} : { properties: annotatedKeys(properties, path) }),
    ...(typeof additionalProperties === "object"
      ? { additionalProperties: annotated(additionalProperties, `${path}.*`) }
      : {}),
    ...(items === undefined ? {} : { items: annotated(items, `${path}.*`) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((option) => annotated(option, path)) }),
  };
}

function annotatedKeys(properties: Readonly<Record<string, Node>>, path: string): Record<string, Node> {
  const entries = Object.entries(properties).map(([key, node]) => {
    const inner = `${path}.${key}`;
    const value = DEFAULT_AT.get(inner);
    const extra = value === undefined ? {} : { default: value };
    return [key, { title: title(key), ...annotated(node, inner), ...extra }] as const;
  });
  return Object.fromEntries(entries);
}

/** `catch_up` → `Catch up` */
function title(key: string): string {
  const words = key.replaceAll("_", " ");
  return (words[0] ?? "").toUpperCase() + words.slice(1);
}

const BEHAVIOUR = ["defaults", "sources.*"].flatMap((place) => [
  ...leaves(DEFAULTS.behaviour, `.${place}`),
  ...leaves(DEFAULTS.schedule, `.${place}.schedule`),
  ...leaves(DEFAULTS.schedule, `.${place}.schedule.*`),
  ...leaves(DEFAULTS.watch, `.${place}.watch`),
  ...leaves(DEFAULTS.when, `.${place}.when`),
  ...leaves(DEFAULTS.guards, `.${place}.guards`),
]);

/** By path; `*` stands for a name or a place in a list. */
const DEFAULT_AT: ReadonlyMap<string, unknown> = new Map([
  [".version", DEFAULTS.version],
  ...BEHAVIOUR,
  ...leaves({ ...DEFAULTS.source, ...DEFAULTS.kinds.settings, ...DEFAULTS.kinds.discover }, ".sources.*"),
  ...leaves(DEFAULTS.file, ".sources.*.files.*"),
  ...leaves({ ...DEFAULTS.notify, email: DEFAULTS.email }, ".notify"),
  ...leaves(DEFAULTS.webhook, ".notify.webhooks.*"),
  ...leaves(DEFAULTS.daemon, ".daemon"),
  ...leaves(DEFAULTS.transport, ".transport"),
]);

function leaves(group: object, path: string): readonly (readonly [string, unknown])[] {
  return Object.entries(group).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null
      ? leaves(value, `${path}.${key}`)
      : [[`${path}.${key}`, value] as const],
  );
}
