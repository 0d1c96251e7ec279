import { expect, test } from "bun:test";

import { parseAppFile } from "../../src/config/app-file.ts";
import { appText } from "../../src/config/app-text.ts";
import { BUILT_IN_APPS } from "../../src/settings/catalogue/built-in.ts";

test("every app of the catalogue is the same after it was written and read", () => {
  for (const app of BUILT_IN_APPS) expect(parseAppFile(appText(app), `${app.id}.yaml`)).toEqual(app);
});

test("what is empty is left out, and one folder for all systems is written once", () => {
  const text = `name: Tool
places:
  - at: ~
    files:
      - .tool
`.replace("~", '"~"');
  expect(appText(parseAppFile(text, "tool.yaml"))).toBe(text);
});
