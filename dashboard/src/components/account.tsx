/** Signing up and logging in. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { answer, api } from "../api/client";
import type { Returned } from "../api/google";
import { logInByPasskey } from "../api/passkeys";
import { queryClient, server } from "../api/queries";
import { begin } from "../api/session";
import { BROWSER_ZONE } from "../person";
import { TextField, TimeZoneField } from "./field";
import { Forgotten, Reset } from "./forgotten";
import { Entering, LinkForm, WithGoogle } from "./google";
import { WithPasskey } from "./passkey";
import { CodeField, codeOf, useSecondFactor } from "./second-factor";
import { SubmitForm, useSubmit } from "./submit-form";

const COOKIE = { params: { query: { cookie: true } } };

export function LoginForm({ onDone, email = "" }: { onDone?: () => void; email?: string }) {
  const [needsCode, noticing] = useSecondFactor();
  const [typed, setTyped] = useState(email);
  const form = useSubmit(async ({ email = "", password = "", ...rest }) => {
    const body = { email, password, ...codeOf(rest) };
    begin(await noticing(answer(api.POST("/v1/auth/login", { ...COOKIE, body }))));
    onDone?.();
  });
  async function byPasskey() {
    begin(await logInByPasskey(typed));
    onDone?.();
  }
  return (
    <>
      <SubmitForm form={form} name="Log in">
        <TextField
          label="E-mail"
          name="email"
          isRequired
          autoComplete="username"
          defaultValue={email}
          onChange={setTyped}
        />
        <TextField label="Password" name="password" type="password" isRequired autoComplete="current-password" />
        {needsCode && <CodeField />}
      </SubmitForm>
      <WithPasskey name="Continue with a passkey" call={byPasskey} />
    </>
  );
}

function SignupForm({ byInvitation }: { byInvitation: boolean }) {
  const [, go] = useLocation();
  const [invited] = useState(() => new URLSearchParams(location.hash.slice(1)).get("invitation") ?? "");
  const form = useSubmit(async ({ name = "", email = "", password = "", time_zone, invitation }) => {
    const body = { name, email, password, time_zone, ...(invitation && { invitation }) };
    const answered = await answer(api.POST("/v1/auth/signup", { ...COOKIE, body }));
    queryClient.clear();
    go("/");
    begin(answered);
  });
  return (
    <SubmitForm form={form} name="Sign up">
      <TextField label="Name" name="name" isRequired autoComplete="name" />
      <TextField label="E-mail" name="email" type="email" isRequired autoComplete="username" />
      <TextField
        label="Password"
        name="password"
        type="password"
        isRequired
        autoComplete="new-password"
        hint="At least 8 characters, not easily guessed. A sentence is good."
      />
      <TimeZoneField name="time_zone" defaultValue={BROWSER_ZONE} hint="Decides which day a run belongs to." />
      {byInvitation && (
        <TextField
          label="Invitation"
          name="invitation"
          isRequired
          autoComplete="off"
          defaultValue={invited}
          hint="The code that you were given. It is good for one account."
        />
      )}
    </SubmitForm>
  );
}

interface Props {
  /** What a log-in with Google came back with. */
  returned?: Returned;
  /** Ends with that; what failed is said then. */
  onReturned: (failure?: Returned) => void;
}

export default function Welcome({ returned, onReturned }: Props) {
  return (
    <main className="welcome">
      <section className="welcome-words">
        <p className="brand">fitness</p>
        <h1>Your training log, under version control.</h1>
        <ol className="welcome-rail">
          <li>Every edit is a version you can compare and restore.</li>
          <li>Every import is one change you can preview and revert.</li>
          <li>What you correct stays corrected, whatever a sync brings.</li>
        </ol>
      </section>
      <section className="welcome-form">
        <WayIn returned={returned} onReturned={onReturned} />
      </section>
    </main>
  );
}

function WayIn({ returned, onReturned }: Props) {
  const [path] = useLocation();
  const { data } = useQuery(server);
  const invited = location.hash.startsWith("#invitation=");
  const signup = (path === "/signup" || invited) && data?.sign_up !== "closed";
  function done() {
    queryClient.clear();
    onReturned();
  }
  const failed = (value: string) => onReturned({ what: "login_error", value });
  if (returned?.what === "login_code") return <Entering code={returned.value} onDone={done} onFailure={failed} />;
  if (returned?.what === "reset_code") return <Reset code={returned.value} onDone={() => onReturned()} />;
  if (path === "/forgotten") return <Forgotten />;
  if (returned?.what === "link_token")
    return <LinkForm token={returned.value} onDone={done} onCancel={() => onReturned()} />;
  return (
    <>
      <h2>{signup ? "Make an account" : "Welcome back"}</h2>
      {signup ? (
        <SignupForm byInvitation={data?.sign_up === "invitation"} />
      ) : (
        <LoginForm onDone={() => queryClient.clear()} />
      )}
      <WithGoogle />
      {!signup && data?.sends_mail && (
        <p className="quiet">
          <Link href="/forgotten" className="text-link">
            Forgot your password?
          </Link>
        </p>
      )}
      {data?.sign_up === "closed" ? (
        <p className="quiet">This server takes no new accounts.</p>
      ) : (
        <p className="quiet">
          {signup ? "Already here? " : "New here? "}
          <Link href={signup ? "/" : "/signup"} className="text-link">
            {signup ? "Log in" : "Sign up"}
          </Link>
        </p>
      )}
    </>
  );
}
