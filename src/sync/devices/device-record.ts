/** What a device says of itself in a remote of a source. Pure. */

export type DeviceFacts = {
  readonly name: string;
  readonly system: string;
  /** Of lull. */
  readonly version: string;
};

export type DeviceRecord = DeviceFacts & {
  /** Somebody took it off the list; it comes back with its next sync. */
  readonly forgotten: boolean;
};

const HEAD = "lull device\n\n";

/** The message of its commit: for people a line, for lull JSON. */
export function deviceMessage({ name, system, version, forgotten }: DeviceRecord): string {
  return `${HEAD}${JSON.stringify({ name, system, version, ...(forgotten ? { forgotten } : {}) })}\n`;
}

/** Anybody who may push can have written it: undefined for what does not fit. */
export function readDevice(message: string): DeviceRecord | undefined {
  if (!message.startsWith(HEAD) || message.length > 4096) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(message.slice(HEAD.length));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { name, system, version, forgotten }: Readonly<Record<string, unknown>> = { ...value };
  if (typeof name !== "string" || typeof system !== "string" || typeof version !== "string") return undefined;
  return name === "" ? undefined : { name, system, version, forgotten: forgotten === true };
}
