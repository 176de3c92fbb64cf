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
const queue = new ToastQueue<Message>({ maxVisibleToasts: 3 });

/** Says what was done; `undo` takes it back by a call of the API. */
export function say(text: string, undo?: () => Promise<unknown>): void {
  queue.add({ text, undo }, { timeout: SHOWN_MS });
}

export function sayFailure(error: unknown): void {
  queue.add(
    { text: error instanceof Error ? error.message : "That did not work", failed: true },
    { timeout: SHOWN_MS },
  );
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
