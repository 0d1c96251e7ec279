import type { AppDefinition, AppSystem } from "../config/app-definition.ts";

/** Linux keeps so many bytes of a process's name. */
const SHORT_NAME = 15;

/** Whether one of an app's processes is among those that run. @param running names as the system has them */
export function isRunning(
  { running: names }: Pick<AppDefinition, "running">,
  system: AppSystem,
  running: ReadonlySet<string>,
): boolean {
  return names[system].some((name) => {
    if (system === "windows") return running.has(name.toLowerCase());
    return running.has(name) || (system === "linux" && running.has(name.slice(0, SHORT_NAME)));
  });
}
