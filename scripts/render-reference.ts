/** The reference of all commands as Markdown, made from the help texts; `scripts/cli-reference.ts` writes it. */
import type { CommandTable } from "../src/cli/command.ts";
import { commandHelp, rootHelp, type HelpLook } from "../src/cli/help.ts";
import { COMMANDS } from "../src/cli/root.ts";
import { createStyle } from "../src/cli/style.ts";

const LOOK: HelpLook = { width: 80, style: createStyle(false) };

export async function renderReference(): Promise<string> {
  const sections = await commandSections([], COMMANDS);
  return [
    "# Commands",
    "",
    "Made from the commands themselves by `scripts/cli-reference.ts`; change the commands, not this page.",
    "",
    ...block("lull", rootHelp(LOOK)),
    ...sections,
  ].join("\n");
}

/** Depth first, so that `config show` stands below `config`. */
async function commandSections(path: readonly string[], table: CommandTable): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const [name, entry] of Object.entries(table)) {
    if (entry.hidden === true) continue;
    const command = await entry.load();
    const words = [...path, name];
    const help = commandHelp(words, { entry, command }, { ...LOOK, brief: true });
    lines.push(...block(`lull ${words.join(" ")}`, help));
    if (command.commands !== undefined) lines.push(...(await commandSections(words, command.commands)));
  }
  return lines;
}

function block(title: string, lines: readonly string[]): readonly string[] {
  return [`## ${title}`, "", "```text", ...lines, "```", ""];
}
