/** Returns bytes as text; `encoding` is what a commit's header says. Unknown names and bad bytes never fail. */
export function decodeText(bytes: Uint8Array, encoding: string | undefined): string {
  return decoderFor(encoding ?? "utf-8").decode(bytes);
}

function decoderFor(encoding: string): TextDecoder {
  // With the default, a message that starts with U+FEFF would lose it.
  const options = { ignoreBOM: true } as const;
  try {
    return new TextDecoder(encoding.trim().toLowerCase() as Bun.Encoding, options);
  } catch {
    return new TextDecoder("utf-8", options);
  }
}
