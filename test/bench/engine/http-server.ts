/** `git http-backend` over a folder, as a process of its own: prints its address and runs until it is ended. */
import { startGitServer } from "../../helpers/git-http-server.ts";

const server = await startGitServer(process.argv[2] ?? ".");
console.log(server.url);
