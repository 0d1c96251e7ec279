/** Timers behind an interface, so that tests let hours pass at once. */
export type Timers = {
  /** Runs once after so many milliseconds, unless it is disposed of before. A timer keeps the process alive. */
  after(ms: number, run: () => void): Disposable;
};

/** The runtime fires at once what is further away than 2^31 - 1 ms, 24.8 days. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemTimers: Timers = {
  after(ms, run) {
    let timer: ReturnType<typeof setTimeout>;
    const arm = (left: number): void => {
      timer =
        left > LONGEST_MS ? setTimeout(() => arm(left - LONGEST_MS), LONGEST_MS) : setTimeout(run, left);
    };
    arm(ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
