/** What the file can say about guards. */
import * as v from "valibot";

import { parseByteSize } from "../base/byte-size.ts";
import { described, flag, group, text, wholeNumber } from "./value-schemas.ts";

/** `false` switches a guard off, `true` gives it its usual limits. */
const onOrOff = v.boolean();

const byteSize = v.pipe(
  text,
  v.check((value) => parseByteSize(value) !== undefined, 'is no size such as "95MB"'),
  v.check((value) => parseByteSize(value) !== 0, "is 0, which would leave out every file"),
);

export const guardsSchema = group({
  deletions: v.optional(
    described(
      v.union([
        onOrOff,
        v.strictObject({
          percent: v.optional(wholeNumber([1, 100], "More than this part of the files, from 10 files on")),
          files: v.optional(wholeNumber([1, 10_000_000], "More than so many files")),
        }),
      ]),
      "How many deletions at once stop the sync, here or from a remote",
    ),
  ),
  changes: v.optional(
    described(
      v.union([
        onOrOff,
        v.strictObject({
          percent: v.optional(wholeNumber([1, 100], "More than this part of the files has another content")),
          files: v.optional(wholeNumber([1, 10_000_000], "Only where there are at least so many files")),
        }),
      ]),
      "How many changed files at once stop the sync",
    ),
  ),
  file_size: v.optional(
    described(
      v.union([onOrOff, byteSize]),
      "A new or changed file above this size is left out, the rest goes on",
    ),
  ),
  secrets: v.optional(flag("Whether files in which a password, token or private key is found are left out")),
  names: v.optional(
    described(
      v.picklist(["warn", "leave-out", "ignore"]),
      "What becomes of names that another system can not hold, as `a:b`, or `A.md` beside `a.md`",
    ),
  ),
});

export type GuardsFile = NonNullable<v.InferOutput<typeof guardsSchema>>;
