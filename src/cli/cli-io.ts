import type { Deps } from "../app/deps.ts";
import type { Clock } from "../base/clock.ts";
import type { ComposeInput } from "../compose.ts";

/** What the command line knows of the outside; `main.ts` makes it from the process, tests make their own. */
export type CliIo = {
  /** Data: the result of the command. */
  stdout(text: string): void;
  /** Everything else: log, progress, errors. */
  stderr(text: string): void;
  readonly stdin?: AsyncIterable<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder the command was started in, absolute. */
  readonly cwd: string;
  /** Whether stdout is a terminal. */
  readonly isTty: boolean;
  /** Columns of the terminal; 80 when not given. */
  readonly width?: number;
  readonly signal: AbortSignal;
  /** What a command that stays may ask of the process's signals; default: they mean what they mean to all. */
  readonly signals?: ProcessSignals;
  /** Whether stderr is a terminal; as stdout when not given. */
  readonly stderrIsTty?: boolean;
  /** Whether a person can answer questions; as stdout when not given. */
  readonly stdinIsTty?: boolean;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Asks the questions of the wizard; default: prompts on the terminal. */
  readonly ask?: Ask;
  /** Wires the parts that commands use; default: the real ones. */
  readonly compose?: Compose;
};

export type ProcessSignals = {
  /** Fires with the first signal. */
  readonly signal: AbortSignal;
  /** Fires with the second one, which then ends nothing by itself. */
  takeSecond(): AbortSignal;
  /** SIGHUP calls this instead of ending the command. */
  takeHangUp(handler: () => void): Disposable;
};

export type Compose = (input: ComposeInput) => Deps;

/** The kinds of questions. Each throws `INTERRUPTED` when the person leaves. */
export type Ask = {
  text(question: TextQuestion): Promise<string>;
  /** What is typed does not show. */
  secret(message: string): Promise<string>;
  choose<T extends string>(question: ChoiceQuestion<T>): Promise<T>;
};

export type TextQuestion = {
  readonly message: string;
  /** Taken when the person just presses Enter. */
  readonly initial: string;
  /** Returns what is wrong with an answer, or undefined when it will do. */
  readonly check?: (answer: string) => string | undefined;
};

export type ChoiceQuestion<T extends string> = {
  readonly message: string;
  readonly choices: readonly { readonly value: T; readonly label: string; readonly hint?: string }[];
};
