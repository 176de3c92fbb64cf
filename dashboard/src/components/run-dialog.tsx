import { overlay } from "./late";

/** The form of a run. */
export const RunDialog = overlay(() => import("./run-form"));
