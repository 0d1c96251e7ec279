/** A driver that stays: one line asks for work, one line answers with its milliseconds. */
export class WarmProcess {
  readonly #process: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #lines: AsyncIterator<string>;

  constructor(argv: readonly string[], env: Readonly<Record<string, string>>) {
    this.#process = Bun.spawn([...argv], { env, stdin: "pipe", stdout: "pipe", stderr: "inherit" });
    this.#lines = lines(this.#process.stdout);
  }

  async ask(line: string): Promise<number> {
    void this.#process.stdin.write(`${line}\n`);
    await this.#process.stdin.flush();
    const answer = await this.#lines.next();
    if (answer.done === true) throw new Error(`the driver ended instead of answering to "${line}"`);
    return Number(answer.value);
  }

  /** Bytes resident at most so far. */
  peak(): Promise<number> {
    return this.ask("peak");
  }

  async end(): Promise<void> {
    await this.#process.stdin.end();
    await this.#process.exited;
  }
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
