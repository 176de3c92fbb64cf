/** What is sent of files that somebody picked: of a large ZIP, the files in it that may be activities. */

import type { Picked } from "../api/drops";
import { HEAD_BYTES, isZip, mayBeActivity } from "../format/worth";
import { entriesOf, headOf, openEntry, type ZipEntry } from "../format/zip";

/** A smaller ZIP is sent as it is. */
const LARGE_BYTES = 8 * 1024 * 1024;
const MOST_NESTED = 2;

export async function chosenOf(picked: Picked[], signal: AbortSignal): Promise<Picked[]> {
  const chosen: Picked[] = [];
  for (const one of picked) {
    signal.throwIfAborted();
    const file = await one.open();
    const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    if (file.size > LARGE_BYTES && isZip(head)) chosen.push(...(await membersOf(file, one.name, 1, signal)));
    else if (picked.length === 1 || !one.name.includes("/") || mayBeActivity(head)) chosen.push(one);
  }
  return chosen;
}

async function membersOf(file: Blob, within: string, nested: number, signal: AbortSignal): Promise<Picked[]> {
  const found: Picked[] = [];
  for (const entry of await entriesOf(file)) {
    signal.throwIfAborted();
    if (isOfASystem(entry)) continue;
    const head = await headOf(await openEntry(file, entry), HEAD_BYTES);
    const name = `${within}/${entry.name}`;
    const open = async () => new Response(await openEntry(file, entry)).blob();
    if (isZip(head) && nested < MOST_NESTED) found.push(...(await membersOf(await open(), name, nested + 1, signal)));
    else if (mayBeActivity(head)) found.push({ name, size: entry.size, open });
  }
  return found;
}

/** A file that a system keeps beside those of people. */
function isOfASystem({ name }: ZipEntry): boolean {
  const parts = name.split("/");
  return parts.includes("__MACOSX") || /^(\._|\.DS_Store$)/.test(parts.at(-1) ?? "");
}
