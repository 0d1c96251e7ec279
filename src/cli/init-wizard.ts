import { existsSync, statSync } from "node:fs";

import type { AddSourceInput } from "../app/add-source.ts";
import type { Deps } from "../app/deps.ts";
import { remoteAnswerProblem } from "../app/remote-answer.ts";
import { absolutePath } from "../app/user-path.ts";
import type { Ask } from "./cli-io.ts";

export type Setup = { readonly device: string | undefined; readonly source: AddSourceInput };

/** What was said on the command line already; it is not asked again. */
export type Known = Omit<AddSourceInput, "path"> & { readonly device: string | undefined };

/** Asks for a first source, three questions at most; Enter takes the proposal each time. */
export async function askSetup(ask: Ask, deps: Deps, known: Known): Promise<Setup> {
  const path = await ask.text({
    message: "Which folder should be kept in sync?",
    initial: deps.cwd === deps.home ? "~/notes" : deps.cwd,
    check: (answer) => folderProblem(absolutePath(answer, deps)),
  });
  const remote = known.remote ?? (await askRemote(ask, deps));
  const firstTime = !deps.config.exists();
  const device =
    known.device ??
    (firstTime
      ? await ask.text({ message: "What is this machine called?", initial: deps.hostName })
      : undefined);
  return { device, source: { path, name: known.name, remote, schedule: known.schedule } };
}

async function askRemote(ask: Ask, deps: Deps): Promise<string | undefined> {
  const kind = await ask.choose({
    message: "Where does its copy live?",
    choices: [
      {
        value: "own",
        label: "The folder's own remote, or one on this machine",
        hint: "you can move it to a host later",
      },
      { value: "url", label: "A remote of mine", hint: "https://…, or a path such as a USB drive" },
    ],
  });
  if (kind === "own") return undefined;
  return ask.text({
    message: "Its URL or path?",
    initial: "",
    check: (answer) =>
      answer.trim() === "" ? "a URL or a path is needed" : remoteAnswerProblem(answer, deps),
  });
}

function folderProblem(path: string): string | undefined {
  if (!existsSync(path)) return `${path} does not exist`;
  return statSync(path).isDirectory() ? undefined : `${path} is not a folder`;
}
