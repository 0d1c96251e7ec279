/** Line ends as git converts them between work tree and repository (convert.c). Pure: bytes in, bytes out. */
import type { PathAttributes } from "./attributes.ts";
import type { WorkTreeSettings } from "./settings.ts";

/** `auto` leaves binary content alone; `output` is what lines end with in the work tree. */
export type EolRule =
  | { readonly kind: "none" }
  | { readonly kind: "text" | "auto"; readonly output: "lf" | "crlf" };

const NONE: EolRule = { kind: "none" };

/** All attributes that `eolRule` looks at. */
export const EOL_ATTRIBUTES = ["text", "crlf", "eol"];

export function eolRule(
  attributes: PathAttributes,
  settings: Pick<WorkTreeSettings, "autocrlf" | "eol">,
): EolRule {
  const { autocrlf } = settings;
  const text = textState(attributes.get("text")) ?? textState(attributes.get("crlf"));
  if (text === "binary") return NONE;
  const eol = attributes.get("eol");
  const wanted = eol === "lf" || eol === "crlf" ? eol : undefined;
  const configured = autocrlf === "true" || (autocrlf === "false" && settings.eol === "crlf") ? "crlf" : "lf";
  if (text === "auto") return { kind: "auto", output: wanted ?? configured };
  if (wanted !== undefined) return { kind: "text", output: wanted };
  if (text === "input") return { kind: "text", output: "lf" };
  if (text === "text") return { kind: "text", output: configured };
  return autocrlf === "false" ? NONE : { kind: "auto", output: configured };
}

/**
 * Content as the repository stores it; the same array when nothing is to be converted.
 * @param stored what the index holds for the path: under `auto`, a text that has CRLF there keeps it
 */
export function toRepositoryEol(
  bytes: Uint8Array,
  rule: EolRule,
  stored: () => Uint8Array | undefined,
): Uint8Array {
  // Nearly all files end here, long before their bytes are counted one by one.
  if (rule.kind === "none" || !bytes.includes(13)) return bytes;
  const found = countLineEnds(bytes);
  if (found.crlf === 0) return bytes;
  if (rule.kind === "auto" && (looksBinary(found) || hasTextCrlf(stored()))) return bytes;
  return dropReturns(bytes, found.crlf);
}

/** Content as the work tree shows it; the same array when nothing is to be converted. */
export function toWorkTreeEol(bytes: Uint8Array, rule: EolRule): Uint8Array {
  if (rule.kind === "none" || rule.output !== "crlf") return bytes;
  const found = countLineEnds(bytes);
  if (found.lf === 0) return bytes;
  if (rule.kind === "auto" && (found.crlf > 0 || looksBinary(found))) return bytes;
  return addReturns(bytes, found.lf);
}

/** True for content that `auto` treats as no text; for a part of a file a "true" is certain only with a NUL. */
export function hasNul(bytes: Uint8Array): boolean {
  return bytes.includes(0);
}

type LineEnds = {
  readonly crlf: number;
  /** LF with no CR before it. */
  readonly lf: number;
  readonly loneCr: number;
  readonly nul: number;
  readonly printable: number;
  readonly nonPrintable: number;
};

function countLineEnds(bytes: Uint8Array): LineEnds {
  let crlf = 0;
  let lf = 0;
  let loneCr = 0;
  let nul = 0;
  let nonPrintable = 0;
  let printable = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 13) {
      if (bytes[at + 1] === 10) {
        crlf++;
        at++;
      } else loneCr++;
    } else if (byte === 10) lf++;
    else if (byte === 127 || (byte < 32 && byte !== 8 && byte !== 9 && byte !== 12 && byte !== 27)) {
      nonPrintable++;
      if (byte === 0) nul++;
    } else printable++;
  }
  // DOS ended text files with Ctrl-Z.
  if (bytes.at(-1) === 26) nonPrintable--;
  return { crlf, lf, loneCr, nul, printable, nonPrintable };
}

/** Git's guess: a NUL, a lone CR, or more than one control character in 128. */
function looksBinary(found: LineEnds): boolean {
  return found.loneCr > 0 || found.nul > 0 || Math.floor(found.printable / 128) < found.nonPrintable;
}

function hasTextCrlf(bytes: Uint8Array | undefined): boolean {
  if (bytes === undefined || !bytes.includes(13)) return false;
  const found = countLineEnds(bytes);
  return found.crlf > 0 && !looksBinary(found);
}

function dropReturns(bytes: Uint8Array, count: number): Uint8Array {
  const converted = new Uint8Array(bytes.length - count);
  let to = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === 13 && bytes[at + 1] === 10) continue;
    converted[to++] = bytes[at] ?? 0;
  }
  return converted;
}

function addReturns(bytes: Uint8Array, count: number): Uint8Array {
  const converted = new Uint8Array(bytes.length + count);
  let to = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 10 && bytes[at - 1] !== 13) converted[to++] = 13;
    converted[to++] = byte;
  }
  return converted;
}

/** The words of `text` and of its old name `crlf`; undefined when it says nothing. */
function textState(state: boolean | string | undefined): "text" | "binary" | "input" | "auto" | undefined {
  if (state === true) return "text";
  if (state === false) return "binary";
  return state === "input" || state === "auto" ? state : undefined;
}
