import { overlay } from "./late";

/** What reverts or redoes a changeset, after a preview. */
export const RevertDialog = overlay(() => import("./revert"));
