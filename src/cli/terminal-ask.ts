import type { Readable, Writable } from "node:stream";

import { isCancel, password, select, text } from "@clack/prompts";

import { LullError } from "../base/errors.ts";
import { safeText } from "../base/safe-text.ts";
import type { Ask } from "./cli-io.ts";

/** Asks on the terminal, or on the given streams. */
export function terminalAsk(
  signal: AbortSignal,
  streams: { readonly input?: Readable; readonly output?: Writable } = {},
): Ask {
  return {
    text: async ({ message, initial, check }) => {
      const answer: string | symbol = await text({
        message,
        placeholder: safeText(initial),
        defaultValue: initial,
        signal,
        ...streams,
        validate: (value) => check?.(value === undefined || value === "" ? initial : value),
      });
      return answered(answer);
    },
    secret: async (message) => {
      const answer: string | symbol | undefined = await password({ message, signal, ...streams });
      // Enter alone gives no value at all.
      return answered(answer) ?? "";
    },
    choose: async ({ message, choices }) => {
      const options = choices.map(({ value, label, hint }) => ({
        value,
        label,
        ...(hint === undefined ? {} : { hint }),
      }));
      return answered(
        await select<string>({ message, options, signal, ...streams }),
      ) as (typeof choices)[number]["value"];
    },
  };
}

function answered<T>(answer: T | symbol): T {
  if (!isCancel(answer)) return answer as T;
  throw new LullError({
    kind: "interrupted",
    code: "INTERRUPTED",
    message: "cancelled; nothing was changed",
  });
}
