/** The shoe of a run in a list, changed where it stands. */

import { useQuery } from "@tanstack/react-query";
import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { type Run, shoes } from "../api/queries";
import { sayFailure } from "./messages";
import { saveRun } from "./run-save";

const NONE = "none";

export function ShoeMenu({ run, title }: { run: Run; title: string }) {
  const { data } = useQuery(shoes);
  const usable = (data?.items ?? []).filter(({ id, retired_at }) => !retired_at || id === run.shoe_id);
  const wear = (shoe: string) => {
    const shoe_id = shoe === NONE ? null : shoe;
    if (shoe_id !== run.shoe_id) saveRun(run, { shoe_id }, "", run.version).catch(sayFailure);
  };
  return (
    <MenuTrigger>
      <Button className="shoe-button" aria-label={`Shoe of ${title}: ${run.shoes ?? "none"}`}>
        <span className="ellipsis">{run.shoes ?? "–"}</span>
      </Button>
      <Popover className="popover" placement="bottom start">
        <Menu
          className="menu"
          aria-label="Shoe"
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
    </MenuTrigger>
  );
}
