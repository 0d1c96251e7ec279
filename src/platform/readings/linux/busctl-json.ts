/**
 * The values of an answer as `busctl --json=short` prints it, with variants as what they hold; undefined for what is
 * none. `{"type":"a{sv}","data":[{"Online":{"type":"b","data":true}}]}` → `[{ Online: true }]`
 */
export function plainJson(text: string): unknown {
  if (text.trim() === "") return [];
  try {
    const { data } = JSON.parse(text) as { readonly data?: unknown };
    return plain(data);
  } catch {
    return undefined;
  }
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 2 && "type" in value && "data" in value && typeof value.type === "string")
    return plain(value.data);
  return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]));
}
