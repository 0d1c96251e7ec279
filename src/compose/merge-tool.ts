/** Which merge tool the person's git is set to; only their own config counts, never that of a synced repository. */
import type { MergeTool } from "../app/conflicts/merge-with-tool.ts";
import { LullError } from "../base/errors.ts";
import type { Environment } from "../git/repository-config/load-config.ts";

export function mergeTool(environment: Environment): MergeTool {
  return async ({ tool, ...input }) => {
    const { loadConfig } = await import("../git/repository-config/load-config.ts");
    const { KNOWN_TOOLS, runMergeTool } = await import("../platform/merge-tool.ts");
    const config = loadConfig({ gitDirectory: undefined, environment });
    const name = tool === "auto" ? (config.get("merge.tool") ?? config.get("diff.tool")) : tool;
    if (name === undefined)
      throw new LullError({
        kind: "usage",
        code: "NO_MERGE_TOOL",
        message: "your git config names no merge tool",
        hint: `name one: --tool ${KNOWN_TOOLS.join("|")}, or set merge.tool in your git config`,
      });
    const settings = {
      command: config.get(`mergetool.${name}.cmd`),
      path: config.path(`mergetool.${name}.path`),
      trustsExitCode: config.boolean(`mergetool.${name}.trustExitCode`) ?? false,
    };
    return runMergeTool({ ...input, name, settings, environment });
  };
}
