/** The dialog itself, fetched when one is shown. */

import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { DialogProps } from "./dialog";

export default function ModalDialog({ title, onClose, children, wide, mustAnswer }: DialogProps) {
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
