/** Units of systemd, as far as the command that they start can be told from their text. Pure. */

export type UnitText = {
  readonly text: string;
  /** With the instance: `gitwatch@home-me-notes.service`. */
  readonly name: string;
  /** What stands for `%i` and `%I`; empty: the unit is no instance. */
  readonly instance: string;
};

/** The commands of `ExecStart`, with `Environment` and the specifiers of the home and the instance filled in. */
export function execStarts({ text, instance }: UnitText, home: string): readonly string[] {
  const lines = text.replaceAll(/\\\r?\n/g, " ").split(/\r?\n/);
  const specified = (line: string): string =>
    line.replaceAll(/%([%hiI])/g, (_whole, letter: string) =>
      letter === "%" ? "%" : letter === "h" ? home : instance,
    );
  const values = (key: string): readonly string[] =>
    lines.flatMap((line) => {
      const [, name, value = ""] = /^\s*(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
      return name === key ? [value] : [];
    });
  const environment = new Map(values("Environment").flatMap((value) => assignments(specified(value))));
  return values("ExecStart").map((line) =>
    specified(line.replace(/^[-@:+!|]+/, "")).replaceAll(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (whole, braced?: string, bare?: string) => environment.get(braced ?? bare ?? "") ?? whole,
    ),
  );
}

/** `"A=b c" D=e` */
function assignments(value: string): readonly (readonly [string, string])[] {
  return [...value.matchAll(/"(\w+)=((?:[^"\\]|\\.)*)"|'(\w+)=([^']*)'|(\w+)=(\S*)/g)].map(
    ([, double = "", inDouble, single = "", inSingle, plain = "", bare]) => [
      double || single || plain,
      (inDouble ?? inSingle ?? bare ?? "").replaceAll(/\\(["\\])/g, "$1"),
    ],
  );
}

/** As `systemd-escape --unescape`: `-` stands for `/`, `\x2d` for `-`. */
export function unescapeUnitName(name: string): string {
  const bytes = name
    .replaceAll("-", "/")
    .replaceAll(/\\x([0-9a-f]{2})/gi, (_whole, hex: string) =>
      String.fromCodePoint(Number.parseInt(hex, 16)),
    );
  // Each character stands for a byte where it was escaped.
  return /^[\u0000-\u00ff]*$/.test(bytes) ? Buffer.from(bytes, "latin1").toString("utf8") : bytes;
}
