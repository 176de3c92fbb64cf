/** Whether a file may be one of activities, by how it begins: most files of an export are photographs and settings. */

export const HEAD_BYTES = 512;

const ROOTS = ["<gpx", ":gpx", "TrainingCenterDatabase", "HealthData"];
const ACTIVITY = 4;

export function mayBeActivity(head: Uint8Array): boolean {
  if (isPacked(head)) return true; // the server looks into it
  if (String.fromCharCode(...head.subarray(8, 12)) === ".FIT") return fitType(head) !== "other";
  const text = new TextDecoder("latin1").decode(head).replace(/^(\xef\xbb\xbf)?\s*/, "");
  if (text.startsWith("\xff\xfe") || text.startsWith("\xfe\xff")) return true;
  if (text.startsWith("<")) return ROOTS.some((root) => text.includes(root));
  return /^[[{]/.test(text) || (!text.includes("\0") && /[,;\t]/.test(text));
}

export function isPacked(head: Uint8Array): boolean {
  return (head[0] === 0x1f && head[1] === 0x8b) || isZip(head);
}

export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}

/** What the first message of a FIT file, its file id, says that it is. */
function fitType(head: Uint8Array): "activity" | "other" | "unknown" {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let at = head[0] ?? 0;
  const first = head[at] ?? 0;
  if (at < 12 || (first & 0xf0) !== 0x40 || at + 6 > head.length) return "unknown";
  const isFileId = view.getUint16(at + 3, head[at + 2] === 0) === 0;
  const fields = head[at + 5] ?? 0;
  if (!isFileId || at + 6 + 3 * fields >= head.length) return "unknown";
  let place = at + 6 + 3 * fields + 1;
  at += 6;
  for (let field = 0; field < fields; field++, at += 3) {
    if (head[at] === 0) return head[place] === ACTIVITY ? "activity" : place < head.length ? "other" : "unknown";
    place += head[at + 1] ?? 0;
  }
  return "unknown";
}
