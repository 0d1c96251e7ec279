/** What a length below four stands for has no payload. */
const LENGTH_DIGITS = 4;

/**
 * Follows git's frames through bytes that may be split anywhere: a stateful conversation goes on over the same stream, so
 * that its transport has to know where one answer ends.
 */
export class PacketFollower {
  #digits = "";
  #left = 0;
  #isAtFlush = false;

  feed(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
        continue;
      }
      this.#digits += String.fromCharCode(bytes[at++] ?? 0);
      if (this.#digits.length < LENGTH_DIGITS) {
        this.#isAtFlush = false;
        continue;
      }
      // Wrong framing is for the reader to judge; from here on no answer counts as ended.
      const length = /^[0-9a-f]{4}$/i.test(this.#digits) ? Number.parseInt(this.#digits, 16) : Infinity;
      this.#digits = "";
      this.#isAtFlush = length === 0;
      this.#left = Math.max(0, length - LENGTH_DIGITS);
    }
  }

  /** Whether the last byte ended a flush packet: the other side has said what it had to say. */
  get isAtFlush(): boolean {
    return this.#isAtFlush && this.#digits === "" && this.#left === 0;
  }
}
