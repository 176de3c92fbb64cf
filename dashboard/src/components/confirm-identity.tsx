/** Asking who is there, before what a stolen session must not do. */

import { answer, api } from "../api/client";
import { settle } from "../api/confirmation";
import { Dialog } from "./dialog";
import { CurrentPassword } from "./field";
import { WithGoogle } from "./google";
import { CodeField, codeOf, useSecondFactor } from "./second-factor";
import { SubmitForm, useSubmit } from "./submit-form";

/** Over the page, which goes on with what it was asked for. */
export default function ConfirmIdentity() {
  const [needsCode, noticing] = useSecondFactor();
  const form = useSubmit(async ({ current_password = "", ...rest }) => {
    await noticing(answer(api.POST("/v1/auth/confirm", { body: { current_password, ...codeOf(rest) } })));
    settle(true);
  });
  const cancel = () => settle(false);
  return (
    <Dialog title="Confirm that it is you" onClose={cancel}>
      <p className="quiet">You logged in a while ago, and this needs a recent login or your password.</p>
      <SubmitForm form={form} name="Confirm" onCancel={cancel}>
        <CurrentPassword />
        {needsCode && <CodeField />}
      </SubmitForm>
      <WithGoogle hint="Without a password. Leaves this page: what you typed is lost." />
    </Dialog>
  );
}
