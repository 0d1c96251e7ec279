/** How to log in to a host in the browser. */
import * as v from "valibot";

import { described, text, webUrl } from "./value-schemas.ts";

const login = v.strictObject({
  service: v.optional(
    described(v.picklist(["github", "gitlab"]), "What runs on the host, where its name does not tell"),
  ),
  client_id: described(
    text,
    "The client id of an application that is registered there, with the device flow switched on; no secret",
  ),
  url: v.optional(
    described(webUrl, "Where the server's pages are, when they are not at the root of the host"),
  ),
});

/** As it stands in a URL. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

export const logins = v.record(
  v.pipe(
    v.string(),
    v.check(
      (host) => HOST.test(host) && URL.canParse(`https://${host}`),
      "is no host: write git.example.com, or git.example.com:8443",
    ),
  ),
  login,
);
