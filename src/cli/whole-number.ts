import { usageError } from "./usage-error.ts";

/** Reads the value of a flag that counts something. @throws LullError `BAD_VALUE` */
export function wholeNumber(flag: string, text: string, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= most) return value;
  throw usageError("BAD_VALUE", `--${flag} can not be "${text}"`, `give a whole number from 1 to ${most}`);
}
