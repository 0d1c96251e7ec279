/**
 * Memory that stays where it is, for pointers to it. A typed array of up to 1000 bytes that was made by its length lies
 * in the engine's own heap at first and is moved when the optimizing compiler takes notice of it: a pointer to it then
 * leads astray, and what is read from it never changes any more (seen with Bun 1.4.5 after some thousand calls).
 */
export function fixedMemory(bytes: number): Buffer<ArrayBuffer> {
  return Buffer.from(new ArrayBuffer(bytes));
}
