/**
 * Looks for many short texts in one pass over the bytes, at a fraction of what one search for each of them takes: of
 * two bytes at a time it knows whether any text has them, and only then compares. Every text is known by two pairs of
 * bytes that overlap, so that one of them is met wherever the text begins.
 */
type Pair = {
  readonly owner: number;
  readonly text: Uint8Array;
  /** Where in the text the pair is. */
  readonly offset: number;
};

/** Shorter ones have no two pairs. */
const SHORTEST = 3;
/** Pairs in one go: most of a file is none of them. */
const AT_ONCE = 4;

export class AnchorSearch {
  /** Pair of bytes → its place in `#pairs`; 0: no text has it. */
  readonly #places = new Uint8Array(1 << 16);
  readonly #pairs: Pair[][] = [[]];
  readonly #owners: number;

  /** @param texts of each owner, by its number; ASCII, each of three characters or more */
  constructor(texts: readonly (readonly string[])[]) {
    this.#owners = texts.length;
    texts.forEach((ofOwner, owner) => {
      for (const text of ofOwner) this.#add(owner, new TextEncoder().encode(text));
    });
  }

  /** Returns for each owner 1 where one of its texts is in the bytes, else 0. */
  in(bytes: Uint8Array): Uint8Array {
    const found = new Uint8Array(this.#owners);
    if (bytes.length < SHORTEST) return found;
    const places = this.#places;
    const start = bytes.byteOffset & 1;
    const words = new Uint16Array(bytes.buffer, bytes.byteOffset + start, (bytes.length - start) >> 1);
    const end = words.length - (words.length % AT_ONCE);
    for (let at = 0; at < end; at += AT_ONCE) {
      const one = places[words[at] ?? 0] ?? 0;
      const two = places[words[at + 1] ?? 0] ?? 0;
      const three = places[words[at + 2] ?? 0] ?? 0;
      const four = places[words[at + 3] ?? 0] ?? 0;
      if ((one | two | three | four) === 0) continue;
      const byte = start + 2 * at;
      if (one !== 0) this.#compare(bytes, byte, one, found);
      if (two !== 0) this.#compare(bytes, byte + 2, two, found);
      if (three !== 0) this.#compare(bytes, byte + 4, three, found);
      if (four !== 0) this.#compare(bytes, byte + 6, four, found);
    }
    for (let at = end; at < words.length; at++) {
      const place = places[words[at] ?? 0] ?? 0;
      if (place !== 0) this.#compare(bytes, start + 2 * at, place, found);
    }
    return found;
  }

  #compare(bytes: Uint8Array, at: number, place: number, found: Uint8Array): void {
    const pairs = this.#pairs[place] ?? [];
    for (let index = 0; index < pairs.length; index++) {
      const pair = pairs[index];
      if (pair !== undefined && isAt(bytes, at - pair.offset, pair.text)) found[pair.owner] = 1;
    }
  }

  #add(owner: number, text: Uint8Array): void {
    if (text.length < SHORTEST)
      throw new RangeError(`a text of ${text.length} bytes can not be searched for`);
    const rarest = rarestPlace(text);
    for (const offset of [rarest, rarest + 1]) {
      // As the words of the search are read, whichever byte this processor takes first.
      const [pair = 0] = new Uint16Array(text.slice(offset, offset + 2).buffer);
      const place = this.#places[pair] || this.#pairs.length;
      this.#places[pair] = place;
      (this.#pairs[place] ??= []).push({ owner, text, offset });
    }
  }
}

function isAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  if (at < 0 || at + text.length > bytes.length) return false;
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text[index]) return false;
  return true;
}

/** Where the two pairs are that other texts have least often: of letters there are many. */
function rarestPlace(text: Uint8Array): number {
  const costs = [...text.subarray(0, text.length - 2)].map((_, at) => {
    const [first = 0, second = 0, third = 0] = [at, at + 1, at + 2].map((index) =>
      frequency(text[index] ?? 0),
    );
    return first * second + second * third;
  });
  return costs.indexOf(Math.min(...costs));
}

/** Roughly, in prose and in sources. */
function frequency(byte: number): number {
  const character = String.fromCharCode(byte);
  if (/[a-z ]/.test(character)) return 8;
  return /[A-Z0-9]/.test(character) ? 2 : 1;
}
