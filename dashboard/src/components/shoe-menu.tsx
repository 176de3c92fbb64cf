/** The shoe of a run in a list, changed where it stands. */

import { useRef, useState } from "react";
import type { Run } from "../api/queries";
import { overlay } from "./late";

const ShoeChoices = overlay(() => import("./shoe-choices"));

/** The menu is made when it is opened: a long list has this button in each row. */
export function ShoeMenu({ run, title }: { run: Run; title: string }) {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        ref={button}
        type="button"
        tabIndex={-1}
        className="shoe-button ellipsis"
        aria-label={`Shoe of ${title}: ${run.shoes ?? "none"}`}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(true)}
      >
        {run.shoes ?? "–"}
      </button>
      {open && <ShoeChoices run={run} button={button} onClose={() => setOpen(false)} />}
    </>
  );
}
