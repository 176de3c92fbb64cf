import { answer, api } from "../api/client";
import { end } from "../api/session";
import { sayFailure } from "./messages";

export async function logOut(): Promise<void> {
  try {
    await answer(api.POST("/v1/auth/logout"));
    end();
  } catch (error) {
    sayFailure(error);
  }
}
