/** Short messages at the edge of the page, each with what takes it back. */

import {
  Button,
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from "react-aria-components";
import { afterWrite } from "../api/queries";
import { Icon } from "./icons";

interface Message {
  text: string;
  failed?: boolean;
  undo?: () => Promise<unknown>;
}

const SHOWN_MS = 10_000;
/** Longer, as there is something to decide. */
const UNDO_MS = 30_000;
const queue = new ToastQueue<Message>({ maxVisibleToasts: 1 });

/** Shows a message in place of the one before: several would cover a phone's page. */
function show(message: Message): void {
  queue.clear();
  queue.add(message, { timeout: message.undo ? UNDO_MS : SHOWN_MS });
}

/** Says what was done; `undo` takes it back by a call of the API. */
export function say(text: string, undo?: () => Promise<unknown>): void {
  show({ text, undo });
}

export function sayFailure(error: unknown): void {
  show({ text: error instanceof Error ? error.message : "That did not work", failed: true });
}

async function undoIt(message: Message): Promise<void> {
  try {
    await message.undo?.();
    await afterWrite();
    say("Undone");
  } catch (error) {
    sayFailure(error);
  }
}

export function Toasts() {
  return (
    <ToastRegion queue={queue} className="toasts" aria-label="Messages">
      {({ toast }) => (
        <Toast toast={toast} className="toast" data-failed={toast.content.failed || undefined}>
          <ToastContent className="toast-text">
            <Text slot="title">{toast.content.text}</Text>
          </ToastContent>
          {toast.content.undo && (
            <Button
              className="button quiet"
              onPress={() => {
                queue.close(toast.key);
                void undoIt(toast.content);
              }}
            >
              <Icon name="undo" size={16} /> Undo
            </Button>
          )}
          <Button slot="close" className="icon-button" aria-label="Dismiss">
            <Icon name="close" size={16} />
          </Button>
        </Toast>
      )}
    </ToastRegion>
  );
}
