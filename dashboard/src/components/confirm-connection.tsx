/** Asks whether to connect, in a browser that did not ask for it itself. */

import type { Provider } from "../api/account";
import { answer, api } from "../api/client";
import { afterWrite } from "../api/queries";
import { usePerson } from "../person";
import type { Sent } from "./arrival";
import { Dialog } from "./dialog";
import { say } from "./messages";
import { SubmitForm, useSubmit } from "./submit-form";

const NAMES: Partial<Record<Provider, string>> = { strava: "Strava", google: "Google Calendar" };

export default function ConfirmConnection({ sent: { provider, body }, onClose }: { sent: Sent; onClose: () => void }) {
  const { user } = usePerson();
  const name = NAMES[provider] ?? provider;
  const form = useSubmit(async () => {
    await answer(api.POST("/v1/oauth/{provider}/connect", { params: { path: { provider } }, body }));
    await afterWrite();
    say(`Connected with ${name}`);
    onClose();
  });
  return (
    <Dialog title={`Connect ${name}?`} onClose={onClose} mustAnswer>
      <SubmitForm form={form} name="Connect" onCancel={onClose}>
        <p className="quiet">
          The connection was not asked for in this browser. Connect only if you asked for it yourself, for your account{" "}
          {user?.email}.
        </p>
        {form.fields.state && (
          <p className="form-error" role="alert">
            {form.fields.state}
          </p>
        )}
      </SubmitForm>
    </Dialog>
  );
}
