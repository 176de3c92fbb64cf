/** The dialog itself, fetched when one is shown. */

import { useEffect, useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useBack } from "./back";
import { Button } from "./button";
import type { DialogProps } from "./dialog";
import { focusWhereLost } from "./focus";
import { isAnyChanged, Unsaved } from "./unsaved";

/** What had the focus before the first of several dialogs that take each other's place. */
let origin: Element | null = null;

/** Gives the focus back where React Aria cannot: what opened this dialog went with the dialog before it. */
function useWayBack(): void {
  useState(() => {
    if (!document.activeElement?.closest(".modal")) origin = document.activeElement;
  });
  useEffect(
    () => () => {
      // React Aria does so in the next frame.
      requestAnimationFrame(() => requestAnimationFrame(() => focusWhereLost(origin)));
    },
    [],
  );
}

export default function ModalDialog({ title, onClose, children, wide, mustAnswer }: DialogProps) {
  useWayBack();
  const [unsaved] = useState(() => new Set<() => boolean>());
  const [asking, setAsking] = useState(false);
  /** Goes away without an answer: by Escape, by a press beside it, or by the browser's "back". */
  function leave() {
    if (isAnyChanged(unsaved)) setAsking(true);
    else onClose();
  }
  useBack(() => mustAnswer || leave());
  return (
    <>
      <ModalOverlay
        isOpen
        isDismissable={!mustAnswer}
        isKeyboardDismissDisabled={mustAnswer}
        onOpenChange={(open) => open || leave()}
        className="scrim"
      >
        <Modal className={wide ? "modal wide" : "modal"}>
          <Dialog className="dialog">
            <Heading slot="title">{title}</Heading>
            <Unsaved value={unsaved}>{children}</Unsaved>
          </Dialog>
        </Modal>
      </ModalOverlay>
      {asking && <Discard onDiscard={onClose} onClose={() => setAsking(false)} />}
    </>
  );
}

/** Asks whether to lose what was typed. */
export function Discard({ onDiscard, onClose }: { onDiscard: () => void; onClose: () => void }) {
  return (
    <ModalDialog title="Discard what you entered?" onClose={onClose}>
      <p className="quiet">It is not saved.</p>
      <div className="row end">
        <Button look="danger" onPress={onDiscard}>
          Discard
        </Button>
        <Button look="primary" autoFocus onPress={onClose}>
          Keep editing
        </Button>
      </div>
    </ModalDialog>
  );
}
