/** Which of git's http settings is for an address; system git is the judge. */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { httpConfig } from "../../../src/git/repository-config/http-config.ts";
import { loadConfig } from "../../../src/git/repository-config/load-config.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";

const TEXT = `[http]
	proxy = http://everywhere
[http "https://git.example.org"]
	proxy = http://host
[http "https://git.example.org/team"]
	proxy = http://team
[http "https://*.example.net"]
	proxy = http://wildcard
[http "https://exact.example.net/"]
	proxy = http://exact
[http "https://git.example.com:8443"]
	proxy = http://port
[http "https://twice.example"]
	proxy = http://first
	proxy = http://second
[http "https://none.example"]
	proxy =
`;

test.each([
  "https://git.example.org/me/notes",
  "https://git.example.org/team/notes",
  "https://git.example.org/teams",
  "http://git.example.org/team/notes",
  "https://a.example.net/x",
  "https://a.b.example.net/x",
  "https://exact.example.net/x",
  "https://git.example.com/x",
  "https://git.example.com:8443/x",
  "https://twice.example/x",
  "https://none.example/x",
])("git's proxy for %s", (url) => {
  const file = join(temporaryDirectory(), "gitconfig");
  writeFileSync(file, TEXT);
  const environment = { GIT_CONFIG_GLOBAL: file, GIT_CONFIG_NOSYSTEM: "1" };
  const { entries } = loadConfig({ gitDirectory: undefined, environment });
  const expected = git(temporaryDirectory(), "config", "-f", file, "--get-urlmatch", "http.proxy", url);
  expect(httpConfig(entries, "proxy", url)).toBe(expected);
});

test("nothing is said where git says nothing", () => {
  expect(httpConfig([], "proxy", "https://git.example.org/x")).toBeUndefined();
});
