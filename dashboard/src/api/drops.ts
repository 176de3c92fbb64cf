/** Imports of several files: sent one by one, tried, and loaded as one change. The server loads them as a job. */

import { queryOptions } from "@tanstack/react-query";
import { answer, api, jobOf, type Schemas } from "./client";
import { inDoubt, queryClient } from "./queries";
import { follow } from "./sync";

export type Drop = Schemas["Drop"];
export type LoadedDrop = Schemas["LoadedDrop"];
export type DropFile = Schemas["DropFile"];
export type DropQuestion = Schemas["DropQuestion"];
export type UnfinishedDrop = Schemas["UnfinishedDrop"];

/** A file to send: its label, with its folder, and what gives its content. */
export interface Picked {
  name: string;
  size: number;
  open: () => Promise<Blob>;
}

const ATTEMPTS = 3;
const LONGEST_NAME = 1000;

export async function beginDrop(): Promise<Drop> {
  return (await answer(api.POST("/v1/imports", {} as never))) as unknown as Drop;
}

/** The newest imports that have neither ended nor expired; there are few of them. */
export const unfinishedDrops = queryOptions({
  queryKey: ["unfinished imports"],
  queryFn: async () => (await answer(api.GET("/v1/imports"))).items,
});

export function readDrop(import_id: number): Promise<Drop> {
  return answer(api.GET("/v1/imports/{import_id}", { params: { path: { import_id } } }));
}

/** Sends a file, in pieces if it is large; each is tried again when the connection was lost. What is there is not sent. */
export async function sendFile(
  { import_id, piece_bytes, files }: Drop,
  picked: Picked,
  signal: AbortSignal,
): Promise<void> {
  const file = await picked.open();
  const path = { import_id, file_sha256: await sha256Of(file) };
  if (files.some(({ sha256, state }) => sha256 === path.file_sha256 && state !== "incomplete")) return;
  for (let first = 0; first === 0 || first < file.size; first += piece_bytes) {
    const piece = file.slice(first, first + piece_bytes);
    const range = { "Content-Range": `bytes ${first}-${first + piece.size - 1}/${file.size}` };
    await again(signal, () =>
      answer(
        api.PUT("/v1/imports/{import_id}/files/{file_sha256}", {
          params: { path, query: { name: picked.name.slice(-LONGEST_NAME) } },
          headers: { "Content-Type": "application/octet-stream", ...(file.size > 0 ? range : {}) },
          body: piece as never,
          bodySerializer: (body: unknown) => body as Blob,
          signal,
        }),
      ),
    );
  }
}

async function again<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof TypeError) || attempt === ATTEMPTS || signal.aborted) throw error;
    }
  }
}

async function sha256Of(file: Blob): Promise<string> {
  // Browsers have it only on pages that came by https, or from this machine.
  if (!crypto.subtle) throw new Error("Several files can be imported only at an address that begins with https.");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Answers a question for a kind of files, of a table for those with its headings.
 *
 * The server remembers it for later imports, unless it is for this one alone.
 */
export function answerDrop(
  import_id: number,
  { kind, field, headings }: DropQuestion,
  value: unknown,
  remember: boolean,
): Promise<Drop> {
  const of = { ...(remember && { kind }), ...(field === "mapping" && { headings }) };
  const body = { ...of, [field]: value } as Schemas["DropAnswers"];
  return answer(api.POST("/v1/imports/{import_id}/answers", { params: { path: { import_id } }, body }));
}

/** The answers that are given for later imports, too. */
export const rememberedAnswers = queryOptions({
  queryKey: ["import answers"],
  queryFn: async () => (await answer(api.GET("/v1/imports/answers"))).items,
});

export type RememberedAnswer = Schemas["RememberedAnswer"];

/** Forgets an answer: the next import asks again. */
export async function forgetAnswer({ kind, key }: RememberedAnswer): Promise<void> {
  await answer(api.DELETE("/v1/imports/answers", { params: { query: { kind, key } } }));
  await queryClient.invalidateQueries(rememberedAnswers);
}

/** Loads the files, or only tries to. */
export async function finishDrop(
  import_id: number,
  dry_run: boolean,
  onFound: (records: number) => void,
): Promise<LoadedDrop> {
  const params = { path: { import_id }, query: { dry_run, limit: 500 }, header: { Prefer: "respond-async" } };
  const finished = jobOf(api.POST("/v1/imports/{import_id}/finish", { params })).then((job) =>
    follow<LoadedDrop>(job, ({ found }) => onFound(found)),
  );
  return dry_run ? finished : finished.catch(inDoubt);
}

export async function discardDrop(import_id: number): Promise<void> {
  await answer(api.DELETE("/v1/imports/{import_id}", { params: { path: { import_id } } }));
}

/** Deletes an import that nobody finishes; if that fails, the server does it in an hour. */
export async function giveUpDrop(import_id: number): Promise<void> {
  await discardDrop(import_id).catch(() => undefined);
}
