/** Cuts a stream of bytes into lines, wherever its chunks end. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  readonly #longest: number;
  #rest = "";

  /** @param longest characters; a longer line is cut there, so that a peer can not fill the memory */
  constructor(longest = 16 * 1024 * 1024) {
    this.#longest = longest;
  }

  /** Returns the lines that are whole now, without their ends. */
  push(chunk: Uint8Array): readonly string[] {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, this.#longest);
    return lines;
  }

  /** What came after the last line end. */
  get rest(): string {
    return this.#rest;
  }
}
