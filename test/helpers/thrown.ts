import { LullError } from "../../src/base/errors.ts";

/** Runs what must fail and returns its error; anything but a `LullError` fails the test. */
export function thrown(action: () => unknown): LullError {
  try {
    action();
  } catch (error) {
    if (error instanceof LullError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** As `thrown`, for work that ends later. */
export async function failureOf(work: Promise<unknown>): Promise<LullError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof LullError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
