/** The files in a ZIP, read where it lies: only its list and the files that are asked for are read. */

export interface ZipEntry {
  name: string;
  /** Bytes as they are packed. */
  packed: number;
  size: number;
  method: number;
  /** Where its own header begins. */
  offset: number;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;
const LONGEST_COMMENT = 65_535;
const MOST_LIST_BYTES = 64 * 1024 * 1024;
const MAX_32 = 0xffffffff;

/** A ZIP that cannot be read. */
export class BadZip extends Error {}

async function viewOf(file: Blob, from: number, to: number): Promise<DataView> {
  return new DataView(await file.slice(from, to).arrayBuffer());
}

/** The files in a ZIP, from the list at its end; throws BadZip. */
export async function entriesOf(file: Blob): Promise<ZipEntry[]> {
  try {
    const { start, size } = await listOf(file);
    if (size > MOST_LIST_BYTES) throw new BadZip("This ZIP has too many files");
    return [...entriesIn(await viewOf(file, start, start + size))];
  } catch (error) {
    throw error instanceof RangeError ? new BadZip("This ZIP is broken or incomplete") : error;
  }
}

async function listOf(file: Blob): Promise<{ start: number; size: number }> {
  const from = Math.max(0, file.size - LONGEST_COMMENT - 22);
  const tail = await viewOf(file, from, file.size);
  for (let at = tail.byteLength - 22; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END) continue;
    const [size, start] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
    if (start !== MAX_32 && size !== MAX_32) return { start, size };
    const locator = tail.getUint32(at - 20, true) === LOCATOR_64 ? Number(tail.getBigUint64(at - 12, true)) : -1;
    const end = await viewOf(file, locator, locator + 56);
    if (end.getUint32(0, true) !== END_64) break;
    return { start: Number(end.getBigUint64(48, true)), size: Number(end.getBigUint64(40, true)) };
  }
  throw new BadZip("This is no ZIP, or a broken one");
}

function* entriesIn(list: DataView): Generator<ZipEntry> {
  for (let at = 0; at + 46 <= list.byteLength && list.getUint32(at, true) === ENTRY; ) {
    const [nameSize, extraSize] = [list.getUint16(at + 28, true), list.getUint16(at + 30, true)];
    const name = new TextDecoder().decode(new Uint8Array(list.buffer, at + 46, nameSize));
    const entry = {
      name,
      packed: list.getUint32(at + 20, true),
      size: list.getUint32(at + 24, true),
      method: list.getUint16(at + 10, true),
      offset: list.getUint32(at + 42, true),
    };
    widen(entry, list, at + 46 + nameSize, extraSize);
    if (!name.endsWith("/")) yield entry;
    at += 46 + nameSize + extraSize + list.getUint16(at + 32, true);
  }
}

/** Takes the numbers that need more than 32 bits from the extra field, where they stand in this order. */
function widen(entry: ZipEntry, list: DataView, from: number, size: number): void {
  for (let at = from; at + 4 <= from + size; at += 4 + list.getUint16(at + 2, true)) {
    if (list.getUint16(at, true) !== 1) continue;
    let place = at + 4;
    for (const field of ["size", "packed", "offset"] as const) {
      if (entry[field] !== MAX_32) continue;
      entry[field] = Number(list.getBigUint64(place, true));
      place += 8;
    }
  }
}

/** What a file in a ZIP holds, unpacked while it is read; throws BadZip. */
export async function openEntry(file: Blob, { offset, packed, method }: ZipEntry): Promise<ReadableStream<Uint8Array>> {
  if (method !== STORED && method !== DEFLATED) throw new BadZip("This ZIP is packed in a way that cannot be read");
  const header = await viewOf(file, offset, offset + 30);
  if (header.byteLength < 30) throw new BadZip("This ZIP is broken or incomplete");
  const start = offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  const content = file.slice(start, start + packed).stream();
  return method === STORED ? content : content.pipeThrough(new DecompressionStream("deflate-raw"));
}

/** The first bytes of a stream; the rest is not read. */
export async function headOf(stream: ReadableStream<Uint8Array>, size: number): Promise<Uint8Array> {
  const reader = stream.getReader();
  const head = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const { done, value } = await reader.read();
    if (done) break;
    head.set(value.subarray(0, size - filled), filled);
    filled = Math.min(size, filled + value.length);
  }
  await reader.cancel();
  return head.subarray(0, filled);
}
