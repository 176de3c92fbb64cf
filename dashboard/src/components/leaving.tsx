/** Asks before a page is left with something that was typed and is not saved. */

import { useSyncExternalStore } from "react";
import { Discard } from "./modal";
import { onWayAsked, stay, wayAsked } from "./unsaved";

export default function Leaving() {
  const leave = useSyncExternalStore(onWayAsked, wayAsked);
  return leave && <Discard onDiscard={leave} onClose={stay} />;
}
