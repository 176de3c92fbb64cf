/** What there is to say: one message at a time, each with what takes it back. */

import { UNSTABLE_ToastQueue as ToastQueue } from "react-aria-components";
import { ApiError } from "../api/error";
import { afterWrite } from "../api/queries";

export interface Message {
  text: string;
  failed?: boolean;
  undo?: () => Promise<unknown>;
}

const SHOWN_MS = 10_000;
/** Longer, as there is something to decide. */
const UNDO_MS = 30_000;
export const queue = new ToastQueue<Message>({ maxVisibleToasts: 1 });

let spoken = false;

/** Shows a message in place of the one before: several would cover a phone's page. */
function show(message: Message): void {
  spoken = true;
  queue.clear();
  queue.add(message, { timeout: message.undo ? UNDO_MS : SHOWN_MS });
}

/** Says what was done; `undo` takes it back by a call of the API. */
export function say(text: string, undo?: () => Promise<unknown>): void {
  show({ text, undo });
}

/** What the server says where a record was changed, deleted or decided on elsewhere. */
const CHANGED_ELSEWHERE = [404, 409, 412];

/** Whether the page still shows something as it was before others changed it. */
export function isChangedElsewhere(error: unknown): boolean {
  return error instanceof ApiError && CHANGED_ELSEWHERE.includes(error.status);
}

export function sayFailure(error: unknown): void {
  show({ text: error instanceof Error ? error.message : "That did not work", failed: true });
  if (isChangedElsewhere(error)) void afterWrite();
}

/** Whether anything was said yet; what shows messages is fetched then. */
export function hasSpoken(): boolean {
  return spoken;
}

export function onMessage(listener: () => void): () => void {
  return queue.subscribe(listener);
}
