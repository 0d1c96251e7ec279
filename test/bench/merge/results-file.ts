import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

import { checkedOutCommit } from "../../../scripts/gate/git-commit.ts";
import { root } from "../../../scripts/gate/process.ts";

export type Section = { readonly file: string; readonly head: string; readonly name: string };

/** Replaces the section `## name` of a Markdown file, or adds it; sections stand in order of their names. */
export function keepSection({ file, head, name }: Section, render: (before: string) => string): void {
  const sections = existsSync(file)
    ? readFileSync(file, "utf8")
        .split(/^(?=## )/m)
        .slice(1)
        .map((text) => `${text.trimEnd()}\n`)
    : [];
  const isOurs = (text: string): boolean => text.startsWith(`## ${name}\n`);
  const before = sections.find(isOurs) ?? "";
  const section = `## ${name}\n\n${render(before).trimEnd()}\n`;
  const all = [...sections.filter((text) => !isOurs(text)), section].sort();
  writeFileSync(file, `${head.trimEnd()}\n\n${all.join("\n")}`);
}

/** When and where: day, commit of lull, machine. */
export function measuredOn(): string {
  const commit = checkedOutCommit(root)?.slice(0, 12) ?? "no commit";
  const day = new Date().toISOString().slice(0, 10);
  const cpu = cpus();
  const machine = `${cpu.length} × ${cpu[0]?.model.trim() ?? "unknown processor"}, ${(totalmem() / 2 ** 30).toFixed(0)} GB`;
  return `${day}, ${commit}, ${process.platform} ${process.arch}, ${machine}`;
}
