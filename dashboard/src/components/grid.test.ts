import { expect, test } from "vitest";
import { withRange } from "./grid-choice";
import { indexAfter } from "./grid-keys";

const KEYS = ["a", "b", "c", "d", "e"];

test("a range grows and shrinks with its end, and leaves what was chosen beside it", () => {
  const grown = withRange(KEYS, new Set(["b", "e"]), { from: "b", to: "b" }, "d");
  expect([...grown].sort()).toEqual(["b", "c", "d", "e"]);
  const turned = withRange(KEYS, grown, { from: "b", to: "d" }, "a");
  expect([...turned].sort()).toEqual(["a", "b", "e"]);
});

test("a range from a row that is gone is empty", () => {
  expect([...withRange(KEYS, new Set(["e"]), { from: "x", to: "x" }, "c")]).toEqual(["e"]);
});

test("keys move within the rows that there are", () => {
  const from = (key: string, at: number) => indexAfter(key, at, KEYS.length, 3);
  expect(["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"].map((key) => from(key, 2))).toEqual([
    3, 1, 4, 0, 0, 4,
  ]);
  expect(from("ArrowDown", 4)).toBe(4);
  expect(from("x", 2)).toBeUndefined();
});
