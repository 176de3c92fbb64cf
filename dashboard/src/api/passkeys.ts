/** Passkeys: what the browser asks a device for, on behalf of the server. */

import { useQuery } from "@tanstack/react-query";
import { answer, api, faultOf, type Schemas } from "./client";
import { server } from "./queries";

export type Passkey = Schemas["Passkey"];
type Options = Schemas["PasskeyOptions"];

const COOKIE = { params: { query: { cookie: true } } };

/** Where passkeys do not work: why, for a person; where they do, null; undefined before that is known. */
export function useWhyNoPasskeys(): string | null | undefined {
  const { data } = useQuery(server);
  if (!data) return undefined;
  if (!data.passkey_origin) return "They need a server with a host name and HTTPS.";
  if (data.passkey_origin !== location.origin) return `They work only at ${data.passkey_origin}.`;
  const offered = "parseRequestOptionsFromJSON" in (window.PublicKeyCredential ?? {});
  return offered ? null : "This browser does not have them.";
}

export async function addPasskey(name: string): Promise<Passkey> {
  const { public_key } = await answer(api.POST("/v1/auth/passkeys/options"));
  const options = public_key as unknown as PublicKeyCredentialCreationOptionsJSON;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const passkey = await answered(navigator.credentials.create({ publicKey }));
  return inWords(answer(api.POST("/v1/auth/passkeys", { body: { name, passkey } })));
}

/** The session of a log-in by a passkey of the e-mail address, or, without one, by any that the device has. */
export async function logInByPasskey(typed = ""): Promise<Schemas["Tokens"]> {
  const email = typed ? { email: typed } : {};
  const passkey = await signed(await answer(api.POST("/v1/auth/passkeys/login/options", { body: email })));
  return inWords(answer(api.POST("/v1/auth/passkeys/login", { ...COOKIE, body: { passkey, ...email } })));
}

export async function confirmByPasskey(): Promise<void> {
  const passkey = await signed(await answer(api.POST("/v1/auth/confirm/options")));
  await inWords(answer(api.POST("/v1/auth/confirm", { body: { passkey } })));
}

function signed({ public_key }: Options): Promise<Record<string, unknown>> {
  const options = public_key as unknown as PublicKeyCredentialRequestOptionsJSON;
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return answered(navigator.credentials.get({ publicKey }));
}

const WHY: Record<string, string> = {
  InvalidStateError: "This device has a passkey of your account already",
  NotAllowedError: "No passkey was used",
};

async function answered(asking: Promise<Credential | null>): Promise<Record<string, unknown>> {
  try {
    return ((await asking) as PublicKeyCredential).toJSON();
  } catch (error) {
    const why = error instanceof DOMException && WHY[error.name];
    throw why ? new Error(why) : error;
  }
}

/** What is wrong with a passkey is no field that somebody typed. */
async function inWords<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const why = faultOf(error);
    throw why ? new Error(why) : error;
  }
}
