import { answer, api } from "../api/client";
import { end } from "../api/session";
import { counted } from "../format/units";
import { sayFailure } from "./messages";

export async function logOut(): Promise<void> {
  try {
    const { forget, waitingCount } = await import("../live/store");
    const waiting = await waitingCount();
    if (waiting > 0 && !confirm(`${counted(waiting, "change")} of a workout did not reach the server. Lose them?`))
      return;
    await answer(api.POST("/v1/auth/logout"));
    await forget();
    end();
  } catch (error) {
    sayFailure(error);
  }
}
