import { expect, test } from "vitest";
import { forEach, type Progress } from "./batch";
import { ApiError } from "./error";

const refusing = (status: number, bad: number) => async (item: number) => {
  if (item === bad) throw new ApiError(status, "No");
  return item * 2;
};

test("one record that fails leaves the others alone, and all are counted", async () => {
  const seen: Progress[] = [];
  const { done, failed, problem } = await forEach([1, 2, 3], refusing(422, 2), (now) => seen.push(now));
  expect(done).toEqual([
    { item: 1, answer: 2 },
    { item: 3, answer: 6 },
  ]);
  expect([failed, problem?.message]).toEqual([1, "No"]);
  expect(seen.map((now) => now.done + now.failed)).toEqual([0, 1, 2]);
});

test("a failure that all others share ends it", async () => {
  const { done, failed } = await forEach([1, 2, 3], refusing(409, 2), () => {});
  expect([done.length, failed]).toEqual([1, 1]);
});
