import { expect, test } from "vitest";
import { mayBeActivity } from "./worth";
import { BadZip, entriesOf, headOf, openEntry } from "./zip";

/** A ZIP of two files: one stored, one deflated, as `zipfile` of Python writes it. */
const ZIP =
  "UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAACAAAAYS9QSwMEFAAAAAAA41J9XcUQlyQEAAAABAAAAAwAAABhL3N0b3JlZC5jc3ZhLGIKUEsDBBQAAAAIAONSfV2ogoIgDwAAAOgDAAAKAAAAcGFja2VkLmdweLNJL6iwUxgFo2AUDGcAAFBLAQIUAxQAAAAAAAAAIQAAAAAAAAAAAAAAAAACAAAAAAAAAAAAAACAAQAAAABhL1BLAQIUAxQAAAAAAONSfV3FEJckBAAAAAQAAAAMAAAAAAAAAAAAAACAASAAAABhL3N0b3JlZC5jc3ZQSwECFAMUAAAACADjUn1dqIKCIA8AAADoAwAACgAAAAAAAAAAAAAAgAFOAAAAcGFja2VkLmdweFBLBQYAAAAAAwADAKIAAACFAAAAAAA=";

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

test("the files of a ZIP are listed, and read one by one", async () => {
  const file = new Blob(["in front of it", bytesOf(ZIP)]).slice("in front of it".length);

  const entries = await entriesOf(file);
  const contents = await Promise.all(entries.map(async (entry) => new Response(await openEntry(file, entry)).text()));

  expect(entries.map(({ name, size }) => [name, size])).toEqual([
    ["a/stored.csv", 4],
    ["packed.gpx", 1000],
  ]);
  expect(contents).toEqual(["a,b\n", "<gpx>".padEnd(1000)]);
});

test("only the beginning of a file is read", async () => {
  const file = new Blob([bytesOf(ZIP)]);
  const [, packed] = await entriesOf(file);

  const head = packed && (await headOf(await openEntry(file, packed), 5));

  expect(new TextDecoder().decode(head)).toBe("<gpx>");
});

test.each([0, 1, 20, 60])(
  "a ZIP that is cut %i bytes before its end is refused or lists nothing wrong",
  async (cut) => {
    const whole = bytesOf(ZIP);
    const file = new Blob([whole.subarray(0, whole.length - cut)]);

    if (cut === 0) expect(await entriesOf(file)).toHaveLength(2);
    else await expect(entriesOf(file)).rejects.toThrow(BadZip);
  },
);

const FIT = [14, 0x10, 0, 0, 0, 0, 0, 0, 0x2e, 0x46, 0x49, 0x54, 0, 0, 0x40, 0, 0, 0, 0, 2, 4, 4, 134, 0, 1, 0, 0];

test.each([
  ["an activity", [...FIT, 0, 0, 0, 0, 4], true],
  ["the steps of a day", [...FIT, 0, 0, 0, 0, 32], false],
  ["a photograph", [0xff, 0xd8, 0xff, 0xe0, 0, 44], false],
  ["a track", [...new TextEncoder().encode("\n <?xml version='1.0'?><gpx>")], true],
  ["another XML", [...new TextEncoder().encode("<?xml version='1.0'?><svg>")], false],
  ["a table", [...new TextEncoder().encode("a;b")], true],
  ["JSON", [...new TextEncoder().encode('{"a": 1}')], true],
  ["packed by gzip", [0x1f, 0x8b, 8], true],
  ["a text", [...new TextEncoder().encode("hello")], false],
])("%s is known from other files by how it begins", (_, head, expected) => {
  expect(mayBeActivity(Uint8Array.from(head))).toBe(expected);
});
