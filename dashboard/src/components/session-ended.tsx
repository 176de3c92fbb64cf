/** Logging in again where the session has ended. */

import { askAnew, me, queryClient } from "../api/queries";
import { LoginForm } from "./account";
import { Dialog } from "./dialog";
import { WithGoogle } from "./google";

/** Over the page, which keeps what was typed. */
export default function SessionEnded() {
  const before = queryClient.getQueryData(me.queryKey);
  return (
    <Dialog title="Your session has ended" mustAnswer onClose={() => {}}>
      <p className="quiet">Log in to go on where you are. What you typed is still there.</p>
      <LoginForm email={before?.email} onDone={() => void askAnew()} />
      <WithGoogle hint="Leaves this page: what you typed is lost." />
    </Dialog>
  );
}
