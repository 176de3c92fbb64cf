/** The shoe of a run in a list, changed where it stands. */

import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Menu, MenuItem, Popover } from "react-aria-components";
import { type Run, shoes } from "../api/queries";
import { sayFailure } from "./messages";
import { saveRun } from "./run-save";

const NONE = "none";

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
      {open && (
        <Popover
          aria-label="Shoe"
          triggerRef={button}
          isOpen
          onOpenChange={setOpen}
          className="popover"
          placement="bottom start"
        >
          <ShoeChoices run={run} onChosen={() => setOpen(false)} />
        </Popover>
      )}
    </>
  );
}

function ShoeChoices({ run, onChosen }: { run: Run; onChosen: () => void }) {
  const { data } = useQuery(shoes);
  const usable = (data?.items ?? []).filter(({ id, retired_at }) => !retired_at || id === run.shoe_id);
  const wear = (shoe: string) => {
    onChosen();
    const shoe_id = shoe === NONE ? null : shoe;
    if (shoe_id !== run.shoe_id) saveRun(run, { shoe_id }, "", run.version).catch(sayFailure);
  };
  return (
    <Menu
      className="menu"
      aria-label="Shoe"
      autoFocus="first"
      selectionMode="single"
      selectedKeys={[run.shoe_id ?? NONE]}
      onAction={(key) => wear(String(key))}
      items={[{ id: NONE, name: "No shoe" }, ...usable]}
    >
      {({ id, name }) => (
        <MenuItem id={id} className="menu-item">
          {name}
        </MenuItem>
      )}
    </Menu>
  );
}
