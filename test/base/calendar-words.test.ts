import { expect, test } from "bun:test";

import { listed, monthHasDay, monthName, ordinal } from "../../src/base/calendar-words.ts";

test("numbers of days read as people say them", () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 31].map(ordinal)).toEqual([
    "1st",
    "2nd",
    "3rd",
    "4th",
    "11th",
    "12th",
    "13th",
    "21st",
    "22nd",
    "23rd",
    "30th",
    "31st",
  ]);
});

test("words are joined by commas and an and", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listed)).toEqual(["", "a", "a and b", "a, b and c"]);
});

test("months have their names and days", () => {
  expect([1, 12].map(monthName)).toEqual(["January", "December"]);
  expect(monthHasDay(2, 29)).toBe(true);
  expect(monthHasDay(2, 30)).toBe(false);
  expect(monthHasDay(4, 31)).toBe(false);
  expect(monthHasDay(12, 31)).toBe(true);
});
