/** Short messages at the edge of the page, each with what takes it back. */

import {
  Button,
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastRegion as ToastRegion,
} from "react-aria-components";
import { afterWrite } from "../api/queries";
import { Icon } from "./icons";
import { type Message, queue, say, sayFailure } from "./messages";

async function undoIt(message: Message): Promise<void> {
  try {
    await message.undo?.();
    await afterWrite();
    say("Undone");
  } catch (error) {
    sayFailure(error);
  }
}

export default function Toasts() {
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
