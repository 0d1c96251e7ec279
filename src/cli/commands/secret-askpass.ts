import { defineCommand } from "../command.ts";

/** Not for people: see `compose/askpass.ts`. What it prints is the secret itself. */
export const secretAskpassCommand = defineCommand({
  meta: {
    name: "secret askpass",
    details: ["ssh starts it to ask for the passphrase of a key; it is of no use by hand."],
    examples: [],
  },
  args: {
    question: { type: "positional", required: true, valueHint: "QUESTION", description: "ssh's words" },
  },
  run: async ({ io, log, signal }, { question }) => {
    const { answerAskpass } = await import("../../compose/askpass.ts");
    const passphrase = await answerAskpass({ question, env: io.env, log, signal });
    if (passphrase === undefined) return "failed";
    io.stdout(`${passphrase}\n`);
    return "ok";
  },
});
