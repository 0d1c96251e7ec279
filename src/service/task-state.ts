/** What `schtasks /Query` tells. Its words are in the language of the system, its numbers and its XML are not. Pure. */

export type TaskState = {
  readonly isRunning: boolean;
  /** The result of the last run; undefined: it never ran, or runs. */
  readonly lastResult: number | undefined;
};

/** SCHED_S_TASK_RUNNING and SCHED_S_TASK_HAS_NOT_RUN: "Task Scheduler Error and Success Constants". */
const RUNNING = 0x41301;
const NEVER_RAN = 0x41303;

/** Host, task, next run, status, log-on mode, last run, last result. */
const LAST_RESULT_COLUMN = 6;

/** @param output of `/FO CSV /V /NH` for one task; it has a row for each trigger */
export function readTaskState(output: string): TaskState {
  const columns = csvColumns(output.split(/\r?\n/).find((line) => line.trim() !== "") ?? "");
  const result = Number.parseInt(columns[LAST_RESULT_COLUMN] ?? "", 10);
  return {
    isRunning: result === RUNNING,
    lastResult: Number.isNaN(result) || result === RUNNING || result === NEVER_RAN ? undefined : result,
  };
}

/** Whether the task itself is switched on: `Enabled` also stands in its trigger. */
export function isTaskEnabled(xml: string): boolean {
  const settings = /<Settings>([\s\S]*?)<\/Settings>/.exec(xml)?.[1] ?? "";
  return !/<Enabled>\s*false\s*<\/Enabled>/.test(settings);
}

function csvColumns(line: string): readonly string[] {
  return [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, text = ""]) => text.replaceAll('""', '"'));
}
