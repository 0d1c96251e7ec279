import { DamagedData } from "./damaged-data.ts";
import { checkResultSize, parseCopy, parseDeltaSizes, pointsOutside, stopsEarly } from "./delta.ts";
import type { SpooledContent } from "./spooled-content.ts";

/** No instruction of a delta is longer, with the bytes that it inserts; nor are the two sizes at its start. */
const LONGEST_INSTRUCTION = 128;

/**
 * As `applyDelta` for what is too large for memory: the delta comes in pieces, and the base may lie in a file.
 * @param pieces each valid until the next
 * @param begin told the result's size before anything is put
 * @throws DamagedData
 */
export function applyDeltaPieces(
  base: Buffer | SpooledContent,
  pieces: Iterable<Uint8Array>,
  begin: (size: number) => (bytes: Uint8Array) => void,
): void {
  using input = new PieceReader(pieces);
  const sizes = parseDeltaSizes(input.ahead());
  if (sizes.base !== base.length) throw new DamagedData("bad", "its delta was made for another base");
  checkResultSize(sizes.result);
  const put = begin(sizes.result);
  input.skip(sizes.start);
  let written = 0;
  for (let ahead = input.ahead(); ahead.length > 0; ahead = input.ahead()) {
    const code = ahead[0] ?? 0;
    const copy = (code & 0x80) === 0 ? undefined : parseCopy(ahead, 1, code);
    const length = copy?.length ?? code;
    const end = copy === undefined ? 1 + code : copy.end;
    const isOutside = copy === undefined ? end > ahead.length : copy.offset + length > base.length;
    if (length === 0 || isOutside || written + length > sizes.result) throw pointsOutside();
    if (copy === undefined) put(ahead.subarray(1, end));
    else if (Buffer.isBuffer(base)) put(base.subarray(copy.offset, copy.offset + length));
    else for (const piece of base.slice(copy.offset, copy.offset + length)) put(piece);
    written += length;
    input.skip(end);
  }
  if (written !== sizes.result) throw stopsEarly();
}

/** Bytes that come in pieces, of which enough for the next step always lie together. */
class PieceReader implements Disposable {
  readonly #pieces: Iterator<Uint8Array>;
  #bytes: Uint8Array = Buffer.alloc(0);
  #at = 0;

  constructor(pieces: Iterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.iterator]();
  }

  /** What comes next, at least a whole instruction of it if there is one. */
  ahead(): Uint8Array {
    while (this.#bytes.length - this.#at < LONGEST_INSTRUCTION) {
      // Copied before the next piece is asked for, which may lie in the same memory.
      const rest = Buffer.from(this.#bytes.subarray(this.#at));
      const step = this.#pieces.next();
      this.#bytes = step.done === true ? rest : Buffer.concat([rest, step.value]);
      this.#at = 0;
      if (step.done === true) break;
    }
    return this.#bytes.subarray(this.#at);
  }

  skip(length: number): void {
    this.#at += length;
  }

  [Symbol.dispose](): void {
    this.#pieces.return?.();
  }
}
