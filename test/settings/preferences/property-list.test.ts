import { expect, test } from "bun:test";

import { listText, readEntries } from "../../../src/settings/preferences/property-list.ts";
import { isVolatile } from "../../../src/settings/preferences/volatile-keys.ts";
import { thrown } from "../../helpers/thrown.ts";
import { plist } from "./stand-in-defaults.ts";

test("values stay as they are written, and keys are sorted", () => {
  const text = plist(
    "<key>b &amp; c</key>",
    "<dict>",
    "\t<key>inner</key>",
    "\t<array>",
    "\t\t<real>1</real>",
    "\t\t<dict/>",
    "\t</array>",
    "</dict>",
    "<key>a</key>",
    "<real>1</real>",
    "<key>empty</key>",
    "<string></string>",
    "<key>data</key>",
    "<data>",
    "AAEC",
    "</data>",
    "<key>on</key>",
    "<true/>",
  );
  const entries = readEntries(text, "x");
  expect([...entries.keys()]).toEqual(["b &amp; c", "a", "empty", "data", "on"]);
  expect(entries.get("a")).toBe("<real>1</real>");
  const sorted = listText(entries);
  expect([...readEntries(sorted, "x").keys()]).toEqual(["a", "b &amp; c", "data", "empty", "on"]);
  expect(listText(readEntries(sorted, "x"))).toBe(sorted);
  expect(sorted).toContain(
    "\t<key>a</key>\n\t<real>1</real>\n\t<key>b &amp; c</key>\n\t<dict>\n\t\t<key>inner</key>",
  );
});

test("what macOS writes for nothing is nothing", () => {
  expect(readEntries(plist(), "x").size).toBe(0);
  expect(readEntries(plist().replace("<dict/>", "<dict>\n</dict>"), "x").size).toBe(0);
});

test.each([
  ["nothing", ""],
  ["another form", "{ a = 1; }"],
  ["no dictionary", plist().replace("<dict/>", "<array/>")],
  ["cut off in a value", plist("<key>a</key>", "<string>b").slice(0, -20)],
  ["cut off between entries", plist("<key>a</key>", "<true/>").replace("</dict>\n</plist>\n", "")],
  ["a key without value", plist("<key>a</key>")],
  ["a value without key", plist("<true/>")],
  ["a key twice", plist("<key>a</key>", "<true/>", "<key>a</key>", "<false/>")],
  ["tags that do not close each other", plist("<key>a</key>", "<array><dict></array></dict>")],
  ["more behind it", `${plist("<key>a</key>", "<true/>")}<plist/>`],
  ["entities of its own", plist().replace('.dtd">', '.dtd" [<!ENTITY a "b">]>')],
  ["a comment", plist("<!-- a -->", "<key>a</key>", "<true/>")],
  ["raw text", plist("<key>a</key>", "<![CDATA[<true/>]]>")],
])("refused: %s", (_, text) => {
  expect(thrown(() => readEntries(text, "com.example"))).toMatchObject({ code: "NO_PROPERTY_LIST" });
});

test.each([
  ["NSWindow Frame Main", true],
  ["NSNavLastRootDirectory", true],
  ["SULastCheckTime", true],
  ["SUEnableAutomaticChecks", false],
  ["NSToolbar Configuration Main", false],
  ["windowFrame", false],
])("%s changes by itself: %p", (key, isIt) => {
  expect(isVolatile(key)).toBe(isIt);
});
