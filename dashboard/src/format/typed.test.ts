import { describe, expect, it } from "vitest";
import { readDuration, readDurationOf, readNumber } from "./typed";

describe("a number that was typed", () => {
  const read = (text: string, decimals?: number) => readNumber(text, { example: "6.2", decimals });

  it.each([
    ["6.2", 6.2],
    ["6,2", 6.2],
    [" 102,5 ", 102.5],
    ["1588", 1588],
    ["42.195", 42.195],
    ["21,0975", 21.0975],
    ["0,125", 0.125],
    ["1588,125", 1588.125],
    ["1,588.5", 1588.5],
    ["1.588,125", 1588.125],
    ["1,234,567", 1_234_567],
  ])("%j is read", (text, value) => {
    expect(read(text)).toBe(value);
  });

  it.each(["", "abc", "-5", "6.2.1", "6,2,1", "12,34,567", "1,588,5", "6.", "1e3", "1 588", "9".repeat(400)])(
    "%j is none",
    (text) => {
      expect(read(text)).toBe("A number such as 6.2");
    },
  );

  it("whose comma may stand before decimals or between thousands is not guessed", () => {
    expect(read("1,588")).toBe("Write 1588 or 1.588");
    expect([read("1,588", 2), read("1.588", 2)]).toEqual(["Write 1588 or 1.59", "Write 1588 or 1.59"]);
    expect([read("1,588", 0), read("1.588", 0)]).toEqual(Array(2).fill("Write 1588 without a separator"));
  });

  it("has no more decimals than its field takes", () => {
    expect([read("149.5", 1), read("149.25", 1), read("8.5", 0)]).toEqual([
      149.5,
      "At most 1 decimal",
      "A whole number",
    ]);
  });

  it("is below 0 only where it can be", () => {
    const signed = { example: "82.5", signed: true };
    expect([readNumber("-20", signed), readNumber("−2,5", signed)]).toEqual([-20, -2.5]);
  });
});

describe("a duration that was typed", () => {
  it.each([
    ["53", 3180],
    ["53:10", 3190],
    ["1:02:05", 3725],
    ["90:00", 5400],
    [" 0:30 ", 30],
    ["52,5", 3150],
  ])("%j is read", (text, seconds) => {
    expect(readDuration(text)).toBe(seconds);
  });

  it.each(["1:75", "1:60:00", "", "an hour", "5.3.1"])("%j is none", (text) => {
    expect(readDuration(text)).toMatch(/such as|or as/);
  });

  it.each([
    ["3:30", 26.2, "Write 3:30:00 or 0:03:30"],
    ["1:45", 13.1, "Write 1:45:00 or 0:01:45"],
    ["0:45", 6.2, "Write 0:45:00 or 0:00:45"],
    ["3:30", 0.5, 210],
    ["0:10", 0.0625, 10],
    ["3:30:00", 26.2, 12600],
    ["0:03:30", 26.2, 210],
    ["53:10", 6.2, 3190],
    ["3:30", null, 210],
    ["3:75", 26.2, "Minutes, or as 53:10 or 1:02:10"],
  ])("%j of %j mi is %j", (text, miles, seconds) => {
    expect(readDurationOf(miles, text)).toBe(seconds);
  });

  it("is not guessed either", () => {
    expect(readDuration("1,200")).toBe("Write 1200 or 1.200");
  });
});
