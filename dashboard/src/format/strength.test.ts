import { expect, test } from "vitest";
import { converted, oneRepMax, repsTitle, setText, weight } from "./strength";

test("the estimated maximum of several repetitions is Epley's, of one the weight itself", () => {
  expect(oneRepMax(225, 5)).toBeCloseTo(262.5);
  expect(oneRepMax(225, 1)).toBe(225);
});

test("without a repetition of a weight there is no estimated maximum", () => {
  expect(oneRepMax(null, 5)).toBeNull();
  expect(oneRepMax(-20, 5)).toBeNull();
  expect(oneRepMax(225, 0)).toBeNull();
  expect(oneRepMax(225, null)).toBeNull();
});

test("weights are converted and shown without needless decimals", () => {
  expect(weight(converted(100, "kg", "lb"), "lb")).toBe("220.46 lb");
  expect(weight(converted(220.462262, "lb", "kg"), "kg")).toBe("100 kg");
  expect(weight(82.5, "kg")).toBe("82.5 kg");
});

test("a set without a weight shows its repetitions", () => {
  expect(setText({ weight: null, weight_unit: "lb", reps: 12 })).toBe("12 reps");
  expect(setText({ weight: 225, weight_unit: "lb", reps: 5 })).toBe("225 lb × 5");
});

test("a session of the rep counter is called by its exercise, as several", () => {
  expect(repsTitle("push-up")).toBe("Push-ups");
  expect(repsTitle("crunch")).toBe("Crunches");
  expect(repsTitle("squats")).toBe("Squats");
  expect(repsTitle(null)).toBe("Reps");
});
