/** What can be told of an age file before a key is at hand: whether it is one, and that its header is of a sane size. */
import { armor } from "age-encryption";

import { LullError } from "../../base/errors.ts";
import { damaged } from "./cipher-errors.ts";

const FORMAT = "age-encryption.org/";
const FIRST_LINE = `${FORMAT}v1\n`;
const ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----";
/** What may stand before it. */
const BLANKS = /^[\t\n\v\f\r ]*/;
/** As age has it, which reads no more blanks than these. */
const MOST_BLANKS = 1024;

/** 2,600 recipients; each is a multiplication on a curve, so that a file of nothing but recipients would take hours. */
const LONGEST_HEADER = 256 * 1024;

/** Its decoder makes a string of each line of 64 characters. */
const LARGEST_ARMORED = 16 * 1024 * 1024;

export function looksEncrypted(bytes: Uint8Array): boolean {
  return startsWith(bytes, FORMAT) || isArmored(bytes);
}

/**
 * Returns the binary file.
 * @throws LullError `NOT_ENCRYPTED`, `DAMAGED`, `TOO_LARGE_TO_DECRYPT` (kind `failed`)
 */
export function openEnvelope(bytes: Uint8Array): Uint8Array {
  const file = isArmored(bytes) ? unarmored(bytes) : bytes;
  if (!startsWith(file, FORMAT)) throw notEncrypted();
  if (!startsWith(file, FIRST_LINE)) {
    throw damaged("its first line is not that of age v1", ["a newer age has made it"]);
  }
  // The header ends in the line with its authentication code; what comes after is binary.
  const end = Buffer.from(file.buffer, file.byteOffset, Math.min(file.length, LONGEST_HEADER)).indexOf(
    "\n---",
  );
  if (end < 0) throw damaged("its header has no end");
  return file;
}

function isArmored(bytes: Uint8Array): boolean {
  const text = textOf(bytes.subarray(0, MOST_BLANKS + ARMOR.length));
  return text.replace(BLANKS, "").startsWith(ARMOR);
}

function unarmored(bytes: Uint8Array): Uint8Array {
  if (bytes.length > LARGEST_ARMORED) {
    throw new LullError({
      kind: "failed",
      code: "TOO_LARGE_TO_DECRYPT",
      message: `an armoured age file of ${bytes.length} bytes is too large: ${LARGEST_ARMORED} is the most`,
      hint: "make it binary: `age -d` it and encrypt it anew without `-a`",
    });
  }
  try {
    return armor.decode(textOf(bytes));
  } catch (error) {
    throw damaged("its armour (-----BEGIN AGE…) is broken", [], error);
  }
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return textOf(bytes.subarray(0, text.length)) === text;
}

/** One character a byte, so that no byte gets lost or invented. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

function notEncrypted(): LullError {
  return new LullError({
    kind: "failed",
    code: "NOT_ENCRYPTED",
    message: "it is no age file",
    causes: ["it was put there in clear", "it was encrypted by another program", "its beginning is damaged"],
    hint: "look at it before anything replaces it; `lull log` tells which sync brought it",
  });
}
