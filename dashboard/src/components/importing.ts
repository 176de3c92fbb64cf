/** Files that somebody chose, or dropped anywhere on a page, on their way to the dialog that imports them. */

import type { Picked } from "../api/drops";
import { sayFailure } from "./messages";

export interface Import {
  files: File[];
  picked: Picked[];
}

let waiting: Import | undefined;
const listeners = new Set<() => void>();

function show(next: Import | undefined): void {
  waiting = next;
  for (const listener of listeners) listener();
}

export function importFiles(files: File[]): void {
  if (files.length > 0) show({ files, picked: files.map((file) => pickedOf(file, file.name)) });
}

export function endImport(): void {
  show(undefined);
}

export function pickedFiles(): Import | undefined {
  return waiting;
}

export function onImport(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function pickedOf(file: File, name: string): Picked {
  return { name, size: file.size, open: () => Promise.resolve(file) };
}

/** Takes files that are dropped on the page, until the function that it returns is called. */
export function takeDroppedFiles(): () => void {
  addEventListener("dragover", allow);
  addEventListener("drop", take);
  return () => {
    removeEventListener("dragover", allow);
    removeEventListener("drop", take);
  };
}

/** A dialog is open, or what is dragged are no files but a part of the page. */
function isOther({ dataTransfer }: DragEvent): boolean {
  return !dataTransfer?.types.includes("Files");
}

function allow(event: DragEvent): void {
  if (!isOther(event)) event.preventDefault();
}

function take(event: DragEvent): void {
  if (isOther(event) || !event.dataTransfer) return;
  event.preventDefault(); // the browser would leave the page to show the file
  if (waiting) return;
  // They are gone once this function returns.
  const entries = [...event.dataTransfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  if (!entries.some((entry) => entry.isDirectory)) importFiles([...event.dataTransfer.files]);
  else
    void Promise.all(entries.map((entry) => filesIn(entry, ""))).then((found) => {
      const files = found.flat();
      if (files.length === 0) sayFailure(new Error("There are no files in this folder"));
      else show({ files: files.map(([file]) => file), picked: files.map(([file, name]) => pickedOf(file, name)) });
    }, sayFailure);
}

/** The files in a folder and those in it, each with its path; hidden ones are left out. */
async function filesIn(entry: FileSystemEntry, within: string): Promise<[File, string][]> {
  const name = within + entry.name;
  if (entry.name.startsWith(".") || entry.name === "__MACOSX") return [];
  if (entry.isFile) {
    return [[await new Promise<File>((go, fail) => (entry as FileSystemFileEntry).file(go, fail)), name]];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: [File, string][] = [];
  for (;;) {
    // It gives a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((go, fail) => reader.readEntries(go, fail));
    if (some.length === 0) return found;
    found.push(...(await Promise.all(some.map((one) => filesIn(one, `${name}/`)))).flat());
  }
}
