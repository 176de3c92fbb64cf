/** Password, e-mail address, and leaving. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { protection } from "../api/account";
import { answer, api } from "../api/client";
import { afterWrite, me, queryClient, server, type User } from "../api/queries";
import { end } from "../api/session";
import { counted } from "../format/units";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { CurrentPassword, NewPassword, TextField } from "./field";
import { say, sayFailure } from "./messages";
import { Panel } from "./page";
import { SubmitForm, useSubmit } from "./submit-form";

type Shown = "password" | "email" | "deactivate" | "delete";

export function Account({ user }: { user: User }) {
  const { data: protectedBy } = useQuery(protection);
  const [shown, setShown] = useState<Shown>();
  const close = () => setShown(undefined);
  const hasPassword = protectedBy?.has_password ?? true;
  return (
    <Panel title="Account">
      <p className="small quiet">{user.email}</p>
      {protectedBy?.email_verified === false && <Unverified />}
      <div className="row">
        <Button onPress={() => setShown("password")}>{hasPassword ? "Change password" : "Set a password"}</Button>
        <Button onPress={() => setShown("email")}>Change e-mail</Button>
        {protectedBy?.has_google && <Button onPress={() => unlinkGoogle()}>Unlink Google</Button>}
        <Button onPress={() => setShown("deactivate")}>Deactivate account</Button>
        <Button look="danger" onPress={() => setShown("delete")}>
          Delete account
        </Button>
      </div>
      {shown === "password" && <PasswordDialog hasPassword={hasPassword} onClose={close} />}
      {shown === "email" && <EmailDialog user={user} hasPassword={hasPassword} onClose={close} />}
      {shown === "deactivate" && <DeactivateDialog onClose={close} />}
      {shown === "delete" && <DeleteDialog user={user} onClose={close} />}
    </Panel>
  );
}

async function unlinkGoogle(): Promise<void> {
  try {
    await answer(api.DELETE("/v1/auth/google"));
    await afterWrite();
    say("Google account unlinked");
  } catch (error) {
    sayFailure(error);
  }
}

/** Where the server sends mail, the address can be verified. */
function Unverified() {
  const { data } = useQuery(server);
  async function send() {
    try {
      await answer(api.POST("/v1/auth/email/verification"));
      say("A mail is on its way");
    } catch (error) {
      sayFailure(error);
    }
  }
  if (!data?.sends_mail) return null;
  return (
    <p className="small">
      Not verified: open the page in the mail that was sent to you.{" "}
      <Button look="quiet" onPress={() => send()}>
        Send another
      </Button>
    </p>
  );
}

interface ChangeProps {
  /** An account that was made with Google may have none. */
  hasPassword: boolean;
  onClose: () => void;
}

function PasswordDialog({ hasPassword, onClose }: ChangeProps) {
  const form = useSubmit(async ({ current_password = "", new_password = "", revoke_tokens }) => {
    const left = await answer(
      hasPassword
        ? api.PUT("/v1/auth/password", {
            body: { current_password, new_password, revoke_tokens: revoke_tokens === "on" },
          })
        : api.POST("/v1/auth/password", { body: { new_password } }),
    );
    await afterWrite();
    const tokens = left.active_tokens > 0 ? `; ${counted(left.active_tokens, "access token")} left` : "";
    say(`Password ${hasPassword ? "changed" : "set"}, ${counted(left.ended_sessions, "other session")} ended${tokens}`);
    onClose();
  });
  const name = hasPassword ? "Change password" : "Set a password";
  return (
    <Dialog title={name} onClose={onClose}>
      <SubmitForm form={form} name={name} onCancel={onClose}>
        {hasPassword && <CurrentPassword />}
        <NewPassword ends="All your other sessions end." hasTokens={hasPassword} />
      </SubmitForm>
    </Dialog>
  );
}

function EmailDialog({ user, hasPassword, onClose }: ChangeProps & { user: User }) {
  const form = useSubmit(async ({ current_password, email = "" }) => {
    const body = { email, ...(current_password && { current_password }) };
    queryClient.setQueryData(me.queryKey, await answer(api.PUT("/v1/auth/email", { body })));
    say("E-mail address changed");
    onClose();
  });
  return (
    <Dialog title="Change e-mail" onClose={onClose}>
      <SubmitForm form={form} name="Change e-mail" onCancel={onClose}>
        {hasPassword && <CurrentPassword />}
        <TextField label="New e-mail" name="email" type="email" isRequired defaultValue={user.email} />
      </SubmitForm>
    </Dialog>
  );
}

function DeactivateDialog({ onClose }: { onClose: () => void }) {
  const form = useSubmit(async () => {
    await answer(api.POST("/v1/auth/deactivate", { body: {} }));
    end();
  });
  return (
    <Dialog title="Deactivate account" onClose={onClose}>
      <p>
        You can no longer log in, and your sessions and access tokens end. Nothing is deleted. Only the operator of this
        server can activate the account again; then make other tokens.
      </p>
      <SubmitForm form={form} name="Deactivate" look="danger" onCancel={onClose}>
        {null}
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
