/** Password, e-mail address, and leaving. */

import { useState } from "react";
import { answer, api } from "../api/client";
import { afterWrite, me, queryClient, type User } from "../api/queries";
import { end } from "../api/session";
import { counted } from "../format/units";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { CurrentPassword, TextField } from "./field";
import { say } from "./messages";
import { Panel } from "./page";
import { SubmitForm, useSubmit } from "./submit-form";

type Shown = "password" | "email" | "delete";

export function Account({ user }: { user: User }) {
  const [shown, setShown] = useState<Shown>();
  const close = () => setShown(undefined);
  return (
    <Panel title="Account">
      <p className="small quiet">{user.email}</p>
      <div className="row">
        <Button onPress={() => setShown("password")}>Change password</Button>
        <Button onPress={() => setShown("email")}>Change e-mail</Button>
        <Button look="danger" onPress={() => setShown("delete")}>
          Delete account
        </Button>
      </div>
      {shown === "password" && <PasswordDialog onClose={close} />}
      {shown === "email" && <EmailDialog user={user} onClose={close} />}
      {shown === "delete" && <DeleteDialog user={user} onClose={close} />}
    </Panel>
  );
}

function PasswordDialog({ onClose }: { onClose: () => void }) {
  const form = useSubmit(async ({ current_password = "", new_password = "", revoke_tokens }) => {
    const left = await answer(
      current_password
        ? api.PUT("/v1/auth/password", {
            body: { current_password, new_password, revoke_tokens: revoke_tokens === "on" },
          })
        : api.POST("/v1/auth/password", { body: { new_password } }),
    );
    await afterWrite();
    const tokens = left.active_tokens > 0 ? `; ${counted(left.active_tokens, "access token")} left` : "";
    say(`Password changed, ${counted(left.ended_sessions, "other session")} ended${tokens}`);
    onClose();
  });
  return (
    <Dialog title="Change password" onClose={onClose}>
      <SubmitForm form={form} name="Change password" onCancel={onClose}>
        <CurrentPassword />
        <TextField
          label="New password"
          name="new_password"
          type="password"
          isRequired
          autoComplete="new-password"
          hint="At least 8 characters, not easily guessed. All your other sessions end."
        />
        <label className="check">
          <input type="checkbox" name="revoke_tokens" /> Revoke my access tokens as well
        </label>
      </SubmitForm>
    </Dialog>
  );
}

function EmailDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const form = useSubmit(async ({ current_password, email = "" }) => {
    const body = { email, ...(current_password && { current_password }) };
    queryClient.setQueryData(me.queryKey, await answer(api.PUT("/v1/auth/email", { body })));
    say("E-mail address changed");
    onClose();
  });
  return (
    <Dialog title="Change e-mail" onClose={onClose}>
      <SubmitForm form={form} name="Change e-mail" onCancel={onClose}>
        <CurrentPassword />
        <TextField label="New e-mail" name="email" type="email" isRequired defaultValue={user.email} />
      </SubmitForm>
    </Dialog>
  );
}

function DeleteDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const form = useSubmit(async ({ confirmation = "" }) => {
    await answer(api.DELETE("/v1/users/me", { body: { confirmation } }));
    end();
  });
  return (
    <Dialog title="Delete account" onClose={onClose}>
      <p>
        All that is yours goes, history included, at once and for good. The only way back is an archive that you export
        before.
      </p>
      <SubmitForm form={form} name="Delete for good" look="danger" onCancel={onClose}>
        <TextField
          label="Confirmation"
          name="confirmation"
          isRequired
          autoFocus
          autoComplete="off"
          hint={`Type: delete ${user.email}`}
        />
      </SubmitForm>
    </Dialog>
  );
}
