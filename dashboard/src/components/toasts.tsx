/** Short messages at the edge of the page, each with what takes it back. */

import { useState } from "react";
import {
  Button,
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastRegion as ToastRegion,
} from "react-aria-components";
import { afterWrite } from "../api/queries";
import { EditedSince } from "../api/records";
import { Icon } from "./icons";
import { useKeys } from "./keys";
import { overlay } from "./late";
import { type Message, queue, say, sayFailure } from "./messages";

const UndoMismatch = overlay(() => import("./undo-mismatch"));

export default function Toasts() {
  const [edited, setEdited] = useState<EditedSince>();
  async function undoIt(message: Message) {
    try {
      await message.undo?.();
      await afterWrite();
      say("Undone");
    } catch (error) {
      if (error instanceof EditedSince) setEdited(error);
      else sayFailure(error);
    }
  }
  function takeBack(key: string, message: Message) {
    queue.close(key);
    void undoIt(message);
  }
  useKeys({
    u: () => {
      const shown = queue.visibleToasts.find(({ content }) => content.undo);
      if (shown) takeBack(shown.key, shown.content);
    },
  });
  return (
    <>
      <ToastRegion queue={queue} className="toasts" aria-label="Messages">
        {({ toast }) => (
          <Toast toast={toast} className="toast" data-failed={toast.content.failed || undefined}>
            <ToastContent className="toast-text">
              <Text slot="title">{toast.content.text}</Text>
            </ToastContent>
            {toast.content.undo && (
              <Button className="button quiet" aria-keyshortcuts="u" onPress={() => takeBack(toast.key, toast.content)}>
                <Icon name="undo" size={16} /> Undo
              </Button>
            )}
            <Button slot="close" className="icon-button" aria-label="Dismiss">
              <Icon name="close" size={16} />
            </Button>
          </Toast>
        )}
      </ToastRegion>
      {edited && <UndoMismatch of={edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}
