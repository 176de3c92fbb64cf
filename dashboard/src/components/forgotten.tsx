/** Setting another password by a code that is sent by mail. */

import { useState } from "react";
import { Link, useLocation } from "wouter";
import { answer, api } from "../api/client";
import { NewPassword, TextField } from "./field";
import { say } from "./messages";
import { SubmitForm, useSubmit } from "./submit-form";

export function Forgotten() {
  const [sentTo, setSentTo] = useState<string>();
  const form = useSubmit(async ({ email = "" }) => {
    await answer(api.POST("/v1/auth/password/forgotten", { body: { email } }));
    setSentTo(email);
  });
  return (
    <>
      <h2>Forgot your password?</h2>
      {sentTo ? (
        <p role="status">
          If {sentTo} has an account here, a mail is on its way. Its page lets you set another password, within an hour.
        </p>
      ) : (
        <SubmitForm form={form} name="Send the mail">
          <TextField label="E-mail" name="email" type="email" isRequired autoFocus autoComplete="username" />
        </SubmitForm>
      )}
      <p className="quiet">
        <Link href="/" className="text-link">
          Log in
        </Link>
      </p>
    </>
  );
}

export function Reset({ code, onDone }: { code: string; onDone: () => void }) {
  const [, go] = useLocation();
  const form = useSubmit(async ({ new_password = "", revoke_tokens }) => {
    const body = { code, new_password, revoke_tokens: revoke_tokens === "on" };
    await answer(api.POST("/v1/auth/password/reset", { body }));
    say("Saved: log in with it now");
    go("/");
    onDone();
  });
  return (
    <>
      <h2>Set another password</h2>
      <SubmitForm form={form} name="Set the password" onCancel={onDone}>
        <NewPassword ends="All your sessions end." autoFocus />
      </SubmitForm>
    </>
  );
}
