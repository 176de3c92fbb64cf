/** Logging in with Google, where the server can. */

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { asksForCode } from "../api/client";
import { enter, GOOGLE_LOGIN, link } from "../api/google";
import { logInByPasskey } from "../api/passkeys";
import { server } from "../api/queries";
import { begin } from "../api/session";
import { TextField } from "./field";
import { WithPasskey } from "./passkey";
import { CodeField, codeOf, useSecondFactor } from "./second-factor";
import { SubmitForm, useSubmit } from "./submit-form";

export function WithGoogle({ hint }: { hint?: string }) {
  const { data } = useQuery(server);
  if (!data?.google_login) return null;
  return (
    <div className="form">
      <a href={GOOGLE_LOGIN} className="button outline">
        Continue with Google
      </a>
      {hint && <span className="field-hint">{hint}</span>}
    </div>
  );
}

/** Exchanges the code that the browser came back with for a session. */
export function Entering({
  code,
  onDone,
  onFailure,
}: {
  code: string;
  onDone: () => void;
  onFailure: (problem: string) => void;
}) {
  const [needsCode, noticing] = useSecondFactor();
  const form = useSubmit((fields) => enter(code, codeOf(fields)).then(onDone));
  async function byPasskey() {
    begin(await logInByPasskey());
    onDone();
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: a code works once
  useEffect(() => {
    noticing(enter(code)).then(onDone, (error: Error) => {
      if (!asksForCode(error)) onFailure(error.message);
    });
  }, [code]);
  if (needsCode)
    return (
      <>
        <h2>One more step</h2>
        <SubmitForm form={form} name="Log in">
          <CodeField />
        </SubmitForm>
        <WithPasskey name="Continue with a passkey" call={byPasskey} />
      </>
    );
  return (
    <p className="quiet" role="status">
      Logging you in …
    </p>
  );
}

/** An account with the e-mail address is there: its password links the Google account to it. */
export function LinkForm({ token, onDone, onCancel }: { token: string; onDone: () => void; onCancel: () => void }) {
  const [needsCode, noticing] = useSecondFactor();
  const form = useSubmit(async ({ password = "", ...rest }) => {
    await noticing(link(token, password, codeOf(rest)));
    onDone();
  });
  return (
    <>
      <h2>Link your accounts</h2>
      <p className="quiet">
        There is an account with the e-mail address of your Google account. Its password links the two: from then on you
        log in with either.
      </p>
      <SubmitForm form={form} name="Link and log in" onCancel={onCancel}>
        <TextField
          label="Password"
          name="password"
          type="password"
          isRequired
          autoFocus
          autoComplete="current-password"
        />
        {needsCode && <CodeField />}
      </SubmitForm>
    </>
  );
}
