import { describe, expect, it } from "vitest";
import {
  addDays,
  ago,
  clockThere,
  localDay,
  localMinute,
  rangeOf,
  showDay,
  startOfWeek,
  toInstant,
  zoneText,
} from "./days";
import { importInWords } from "./records";
import { distance, duration, hours, pace, signedDuration, toMiles } from "./units";

describe("an import in words", () => {
  it("names what was added, changed and deleted, and no more", () => {
    expect(importInWords({ created: 1, updated: 0, deleted: 0 })).toBe("1 record added");
    expect(importInWords({ created: 0, updated: 15, deleted: 0 })).toBe("15 records changed");
    expect(importInWords({ created: 2, updated: 1, deleted: 3 })).toBe("2 records added, 1 changed, 3 deleted");
    expect(importInWords({ created: 0, updated: 0, deleted: 0 })).toBe("0 records added");
  });
});

describe("the clock where an activity began", () => {
  const at = (place: string, zone: string) => clockThere("2025-11-02T22:12:40Z", place, zone);

  it("is shown with its zone, and with the day if that is another one", () => {
    expect(at("Asia/Tokyo", "Europe/Berlin")).toBe("Mon 3 Nov, 07:12 in Tokyo (UTC+9)");
    expect(at("America/Argentina/Buenos_Aires", "UTC")).toBe("19:12 in Buenos Aires (UTC−3)");
    expect(at("+05:30", "UTC")).toBe("Mon 3 Nov, 03:42 (UTC+5:30)");
    expect(at("-03:30", "UTC")).toBe("18:42 (UTC−3:30)");
    expect(at("UTC", "Asia/Tokyo")).toBe("Sun 2 Nov, 22:12 (UTC)");
    expect(["America/New_York", "+05:30", "-11:00", "+00:00"].map(zoneText)).toEqual([
      "America/New York",
      "UTC+5:30",
      "UTC−11",
      "UTC",
    ]);
  });

  it("is not shown where the clocks of the person say the same, or nobody knows the zone", () => {
    expect(at("Europe/Berlin", "Europe/Vienna")).toBeNull();
    expect(at("+01:00", "Europe/Berlin")).toBeNull();
    expect(at("Mars/Olympus", "Europe/Berlin")).toBeNull();
  });
});

describe("units", () => {
  it("shows miles as a person reads them", () => {
    expect(distance(6.21371, "miles")).toBe("6.21 mi");
    expect(distance(6.21371, "kilometres")).toBe("10.00 km");
    expect(toMiles(10, "kilometres")).toBeCloseTo(6.213712, 6);
  });

  it("shows durations and paces", () => {
    expect(duration(3180)).toBe("53:00");
    expect(duration(3725.6)).toBe("1:02:06");
    expect(duration(59.7)).toBe("1:00");
    expect(hours(137_520)).toBe("38 h 12 min");
    expect(pace(3180, 6.21371, "miles")).toBe("8:32 /mi");
    expect(pace(0, 6, "miles")).toBe("–");
    expect([12.4, -65, -0.2].map(signedDuration)).toEqual(["+0:12", "−1:05", "+0:00"]);
  });
});

describe("days", () => {
  it("finds the local day of an instant", () => {
    expect(localDay("2025-11-02T23:30:00Z", "Europe/Berlin")).toBe("2025-11-03");
    expect(localDay("2025-11-03T03:30:00Z", "America/New_York")).toBe("2025-11-02");
  });

  it.each([
    ["2025-11-02T13:05", "Europe/Berlin", "2025-11-02T12:05:00.000Z"],
    ["2025-07-02T13:05", "Europe/Berlin", "2025-07-02T11:05:00.000Z"],
    ["2025-10-26T02:30", "Europe/Berlin", "2025-10-26T00:30:00.000Z"],
    ["2025-03-30T02:30", "Europe/Berlin", "2025-03-30T01:30:00.000Z"],
    ["2025-11-02T13:05", "Asia/Kathmandu", "2025-11-02T07:20:00.000Z"],
  ])("finds the instant of %s in %s", (minute, zone, instant) => {
    expect(toInstant(minute, zone)).toBe(instant);
  });

  it("goes there and back", () => {
    const instant = "2025-11-02T12:05:00.000Z";
    expect(toInstant(localMinute(instant, "Pacific/Auckland"), "Pacific/Auckland")).toBe(instant);
  });

  it("counts days across changes of clocks and years", () => {
    expect(addDays("2025-12-31", 1)).toBe("2026-01-01");
    expect(addDays("2025-03-31", -2)).toBe("2025-03-29");
  });

  it("begins weeks where the person does", () => {
    expect(startOfWeek("2025-11-02", 1)).toBe("2025-10-27");
    expect(startOfWeek("2025-11-02", 0)).toBe("2025-11-02");
    expect(startOfWeek("2025-11-02", 6)).toBe("2025-11-01");
  });

  it("names days and the time since", () => {
    expect(showDay("2025-11-02")).toBe("2 Nov 2025");
    expect(showDay("2025-11-02", "weekday")).toBe("Sun 2 Nov");
    const now = new Date("2025-11-02T12:00:00Z");
    expect(ago("2025-11-02T11:55:00Z", "UTC", now)).toBe("5 min ago");
    expect(ago("2025-11-01T11:55:00Z", "UTC", now)).toBe("yesterday, 11:55");
    expect(ago("2025-10-01T11:55:00Z", "UTC", now)).toBe("1 Oct 2025");
  });

  it("knows the periods", () => {
    expect(rangeOf("7", "2025-11-02")).toEqual({ start: "2025-10-27", end: "2025-11-02" });
    expect(rangeOf("last-month", "2025-01-15")).toEqual({ start: "2024-12-01", end: "2024-12-31" });
    expect(rangeOf("all", "2025-11-02")).toEqual({});
  });
});
