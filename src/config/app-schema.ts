/** The file of one app: where its settings lie on each system, and what of them is wanted. */
import * as v from "valibot";

import { APP_SYSTEMS, type AppSystem } from "./app-definition.ts";
import { belowProblem, placeProblem } from "./app-path-text.ts";
import { problemCheck, text } from "./value-schemas.ts";

const below = v.pipe(text, problemCheck(belowProblem));

function folderOn(systems: readonly AppSystem[]) {
  return v.pipe(
    text,
    problemCheck((at) => placeProblem(at, systems)),
  );
}

const at = v.union([
  folderOn(APP_SYSTEMS),
  v.pipe(
    v.strictObject({
      linux: v.optional(folderOn(["linux"])),
      macos: v.optional(folderOn(["macos"])),
      windows: v.optional(folderOn(["windows"])),
    }),
    v.check((systems) => Object.keys(systems).length > 0, "names no system"),
  ),
]);

const place = v.pipe(
  v.strictObject({
    at,
    files: v.optional(v.array(below)),
    exclude: v.optional(v.array(below)),
    encrypt: v.optional(v.array(below)),
    as: v.optional(
      v.pipe(
        v.string(),
        problemCheck((folder) => (folder === "" ? undefined : belowProblem(folder))),
        v.check((folder) => !/[*?[\]{}]/.test(folder), "is a glob; it is one folder"),
      ),
    ),
  }),
  v.check(
    ({ files = [], encrypt = [] }) => files.length + encrypt.length > 0,
    "takes nothing; name something in `files` or `encrypt`",
  ),
);

const processes = v.optional(v.array(text));

export const appSchema = v.pipe(
  v.strictObject({
    name: text,
    about: v.optional(text),
    places: v.optional(v.array(place)),
    preferences: v.optional(
      v.array(
        v.pipe(text, v.regex(/^[A-Za-z0-9][\w.-]*$/, "is no preference domain such as com.example.App")),
      ),
    ),
    programs: v.optional(
      v.array(v.pipe(text, v.regex(/^[^/\\\s]+$/, "is no name of a command; leave its folder out"))),
    ),
    running: v.optional(v.strictObject({ linux: processes, macos: processes, windows: processes })),
    hints: v.optional(v.strictObject({ quit: v.optional(text), reload: v.optional(text) })),
  }),
  v.check(
    ({ places = [], preferences = [] }) => places.length + preferences.length > 0,
    "it says of no settings where they are; write `places`, or `preferences` for those that macOS keeps",
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { places = [] } = dataset.value;
    for (const [index, later] of places.entries()) {
      const clash = places.slice(0, index).flatMap((earlier) => bothTake(earlier, later))[0];
      if (clash === undefined) continue;
      addIssue({
        message: `"${clash}" is taken by a place above too, and both keep it at one path; give one of them an \`as\``,
        path: [
          { type: "object", origin: "value", input: dataset.value, key: "places", value: places },
          { type: "array", origin: "value", input: places, key: index, value: later },
        ],
      });
    }
  }),
);

export type AppFile = v.InferOutput<typeof appSchema>;
type PlaceFile = NonNullable<AppFile["places"]>[number];

/** What two places of one system would keep at the same path. */
function bothTake(one: PlaceFile, other: PlaceFile): readonly string[] {
  if ((one.as ?? "") !== (other.as ?? "")) return [];
  const [ofOne, ofOther] = [systemsOf(one), systemsOf(other)];
  if (!ofOne.some((system) => ofOther.includes(system))) return [];
  const taken = new Set(takenBy(one));
  return takenBy(other).filter((path) => taken.has(path));
}

function takenBy({ files = [], encrypt = [] }: PlaceFile): readonly string[] {
  return [...files, ...encrypt];
}

function systemsOf({ at: folders }: PlaceFile): readonly AppSystem[] {
  return typeof folders === "string"
    ? APP_SYSTEMS
    : APP_SYSTEMS.filter((system) => folders[system] !== undefined);
}
