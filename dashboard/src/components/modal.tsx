/** The dialog itself, fetched when one is shown. */

import { useEffect, useState } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useBack } from "./back";
import type { DialogProps } from "./dialog";
import { focusWhereLost } from "./focus";

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
  useBack(() => mustAnswer || onClose());
  return (
    <ModalOverlay
      isOpen
      isDismissable={!mustAnswer}
      isKeyboardDismissDisabled={mustAnswer}
      onOpenChange={(open) => open || onClose()}
      className="scrim"
    >
      <Modal className={wide ? "modal wide" : "modal"}>
        <Dialog className="dialog">
          <Heading slot="title">{title}</Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
