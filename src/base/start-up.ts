/** How long a process may take to be a short one; a status of some thousand files is done by then. */
const START_UP_MS = 40;

/**
 * The build makes the runtime wait four times as long as usual before it compiles a function to machine code: a short
 * process ends before that pays. One that lives on, or waits for a remote, compiles as usual from then on. To be called
 * once, at the start; keeps no process alive.
 */
export function endStartUpInTime(): void {
  setTimeout(() => Bun.unsafe.setJITPolicy(1), START_UP_MS).unref();
}
