/** Asking who is there, before what a stolen session must not do. */

import { useQuery } from "@tanstack/react-query";
import { protection } from "../api/account";
import { answer, api } from "../api/client";
import { settle } from "../api/confirmation";
import { confirmByPasskey } from "../api/passkeys";
import { Dialog } from "./dialog";
import { CurrentPassword } from "./field";
import { WithGoogle } from "./google";
import { WithPasskey } from "./passkey";
import { CodeField, codeOf } from "./second-factor";
import { Answer } from "./states";
import { SubmitForm, useSubmit } from "./submit-form";

const cancel = () => settle(false);

/** Over the page, which goes on with what it was asked for. */
export default function ConfirmIdentity() {
  const asked = useQuery(protection);
  return (
    <Dialog title="Confirm that it is you" onClose={cancel}>
      <p className="quiet">You logged in a while ago, and this must be done by nobody else.</p>
      <Answer of={asked} lines={3}>
        {({ has_password, has_google, second_factor, passkeys }) => (
          <>
            {(has_password || second_factor) && <ByPassword hasPassword={has_password} needsCode={second_factor} />}
            {passkeys > 0 && <WithPasskey name="Use a passkey" call={confirm} />}
            {has_google && <WithGoogle hint="Leaves this page: what you typed is lost." />}
          </>
        )}
      </Answer>
    </Dialog>
  );
}

async function confirm() {
  await confirmByPasskey();
  settle(true);
}

function ByPassword({ hasPassword, needsCode }: { hasPassword: boolean; needsCode: boolean }) {
  const form = useSubmit(async ({ current_password, ...rest }) => {
    const body = { ...(current_password && { current_password }), ...codeOf(rest) };
    await answer(api.POST("/v1/auth/confirm", { body }));
    settle(true);
  });
  return (
    <SubmitForm form={form} name="Confirm" onCancel={cancel}>
      {hasPassword && <CurrentPassword />}
      {needsCode && <CodeField autoFocus={!hasPassword} />}
    </SubmitForm>
  );
}
