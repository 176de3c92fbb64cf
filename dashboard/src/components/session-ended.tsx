/** Logging in again where the session has ended. */

import { askAnew, me, queryClient } from "../api/queries";
import { LoginForm } from "./account";
import { Dialog } from "./dialog";
import { WithGoogle } from "./google";

/** Over the page, which keeps what was typed. */
export default function SessionEnded() {
  const before = queryClient.getQueryData(me.queryKey);
  async function goOn() {
    const now = await queryClient.fetchQuery({ ...me, staleTime: 0 });
    if (before && now.user_id !== before.user_id) location.reload();
    await askAnew();
  }
  return (
    <Dialog title="Your session has ended" mustAnswer onClose={() => {}}>
      <p className="quiet">Log in to go on where you are. What you typed is still there.</p>
      <LoginForm email={before?.email} onDone={() => void goOn()} />
      <WithGoogle hint="Leaves this page: what you typed is lost." />
    </Dialog>
  );
}
