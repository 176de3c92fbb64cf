/** The menu of the shoes that a run can have, fetched when it is opened. */

import { useQuery } from "@tanstack/react-query";
import type { RefObject } from "react";
import { Menu, MenuItem, Popover } from "react-aria-components";
import { type Run, shoes } from "../api/queries";
import { isChanging } from "../api/turns";
import { sayFailure } from "./messages";
import { saveRun } from "./run-save";

const NONE = "none";

interface Props {
  run: Run;
  button: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
}

export default function ShoeChoices({ run, button, onClose }: Props) {
  const { data } = useQuery(shoes);
  const usable = (data?.items ?? []).filter(({ id, retired_at }) => !retired_at || id === run.shoe_id);
  const wear = (shoe: string) => {
    onClose();
    const shoe_id = shoe === NONE ? null : shoe;
    if (shoe_id !== run.shoe_id || isChanging("runs", run.id))
      saveRun(run, { shoe_id }, "", run.version).catch(sayFailure);
  };
  return (
    <Popover
      aria-label="Shoe"
      triggerRef={button}
      isOpen
      onOpenChange={(open) => open || onClose()}
      className="popover"
      placement="bottom start"
    >
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
    </Popover>
  );
}
