import { answer, api } from "../api/client";
import { end } from "../api/session";
import { counted } from "../format/units";
import { forgetDrafts } from "../live/drafts";
import { sayFailure } from "./messages";
import { canLeave, stay } from "./unsaved";

/** Ends the session; where something that was typed would be lost, once the person says so. */
export async function logOut(): Promise<void> {
  if (canLeave(discardAndEnd)) await endSession();
}

function discardAndEnd(): void {
  stay();
  void endSession();
}

async function endSession(): Promise<void> {
  try {
    const { forget, waitingCount } = await import("../live/store");
    const waiting = await waitingCount();
    if (waiting > 0 && !confirm(`${counted(waiting, "change")} of a workout did not reach the server. Lose them?`))
      return;
    await answer(api.POST("/v1/auth/logout"));
    await forget();
    forgetDrafts();
    end();
  } catch (error) {
    sayFailure(error);
  }
}
