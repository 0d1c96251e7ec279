/** The command of a launchd agent, out of the XML of its property list. Pure. */

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Returns undefined for a property list that is not in XML, or that names no arguments. */
export function programArguments(text: string): readonly string[] | undefined {
  const visible = text.replaceAll(/<!--[\s\S]*?-->/g, "");
  const list = /<key>\s*ProgramArguments\s*<\/key>\s*<array>([\s\S]*?)<\/array>/.exec(visible)?.[1];
  if (list === undefined) return undefined;
  return [...list.matchAll(/<string>([\s\S]*?)<\/string>|<string\s*\/>/g)].map(([, given = ""]) =>
    given.replaceAll(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, decoded),
  );
}

function decoded(whole: string, decimal?: string, hex?: string, name?: string): string {
  const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
  if (name !== undefined) return ENTITIES[name] ?? whole;
  return Number.isInteger(code) && code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
}
