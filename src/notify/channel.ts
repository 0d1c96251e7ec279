/** One way to reach a person, and what became of one try. */
import type { LullError } from "../base/errors.ts";
import type { Notice } from "./notify.ts";

export type SendResult =
  | { readonly kind: "sent" }
  | {
      readonly kind: "failed";
      /** With a hint, without a secret. */
      readonly error: LullError;
      /** `never`: the same try would fail again. `later`: after the usual wait. A number: after so many ms at least. */
      readonly again: "never" | "later" | number;
    };

export type Channel = {
  readonly kind: "desktop" | "email" | "webhook";
  /** For people: `desktop`, `e-mail by mail.example.org`, `webhook ntfy.sh`. Never a secret. */
  readonly name: string;
  /** One try, over by its own deadline or when the signal fires. Never throws. */
  send(notice: Notice, signal: AbortSignal): Promise<SendResult>;
};
