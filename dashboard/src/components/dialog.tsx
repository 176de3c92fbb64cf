import type { ReactNode } from "react";
import { overlay } from "./late";

export interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  /** Whether it only goes away by an answer. */
  mustAnswer?: boolean;
}

/** A dialog over the page; on phones it rises from the bottom. It is open as long as it is rendered. */
export const Dialog = overlay<DialogProps>(() => import("./modal"));
