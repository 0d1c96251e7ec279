/**
 * The cookie for a display of this machine out of an Xauthority file (Xau(3)): entries of a family in two bytes, then
 * address, display number, name and data, each with its length in two bytes before it, big-endian.
 */
export function cookieFor(file: Buffer, display: string): Buffer | undefined {
  for (let at = 0; at + 2 <= file.length;) {
    at += 2;
    const fields: Buffer[] = [];
    for (let field = 0; field < 4; field++) {
      if (at + 2 > file.length) return undefined;
      const length = file.readUInt16BE(at);
      fields.push(file.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
    const [, number = "", name = "", data] = fields;
    const isForDisplay = number.length === 0 || number.toString() === display;
    if (isForDisplay && name.toString() === "MIT-MAGIC-COOKIE-1") return data;
  }
  return undefined;
}
