import { defineGroup } from "../command.ts";

export const authCommand = defineGroup({
  meta: {
    name: "auth",
    details: [
      "For an http(s) remote the first of these counts: what stands in its address; `credential` of its source in the config (env, command or file); LULL_TOKEN_<HOST>, LULL_TOKEN, GITHUB_TOKEN for github.com and GITLAB_TOKEN for gitlab.com; what `lull auth login` stored; git's credential helpers from your git config, for which git itself is not needed; ~/.netrc. Where none of them has one, a sync in a terminal asks for it and stores what the server takes.",
      "A value of the form user:password is sent as such, anything else as a token. Nothing is ever written into an address, a command line, a log or a commit.",
    ],
    examples: [
      { command: "lull auth login notes", does: "logs in to the host of a source" },
      { command: "lull auth status", does: "which credential each remote gets, and whether it works" },
    ],
  },
  commands: {
    login: {
      summary: "Log in to a host, in the browser or with a token",
      load: async () => (await import("./auth-login.ts")).authLoginCommand,
    },
    logout: {
      summary: "Forget what was stored for a host",
      load: async () => (await import("./auth-logout.ts")).authLogoutCommand,
    },
    status: {
      summary: "Show which credential each remote gets, and try it",
      load: async () => (await import("./auth-status.ts")).authStatusCommand,
    },
  },
});
