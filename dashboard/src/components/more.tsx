/** What the bar at the bottom has no room for. */

import { useLocation } from "wouter";
import { PAGES } from "../pages";
import { Button, IconButton } from "./button";
import { Dialog } from "./dialog";
import { logOut } from "./log-out";
import { PageLink } from "./page-link";
import { ServerMark } from "./server";

export default function More({ onClose }: { onClose: () => void }) {
  const [path] = useLocation();
  return (
    <Dialog title="More" onClose={onClose}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the links inside take the keys */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a click on any link closes the dialog */}
      <div className="more" onClick={onClose}>
        {PAGES.filter((page) => !page.bar).map((page) => (
          <PageLink key={page.path} page={page} path={path} />
        ))}
      </div>
      <div className="row end">
        <ServerMark />
        <Button onPress={() => logOut()}>Log out</Button>
        <IconButton icon="close" name="Close" onPress={onClose} />
      </div>
    </Dialog>
  );
}
