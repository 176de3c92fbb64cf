import { type ReactNode, useDeferredValue } from "react";

/** What comes a moment later, so that what stands around it answers at once. */
export function Afterwards({ children }: { children: ReactNode }) {
  return useDeferredValue(true, false) && children;
}
