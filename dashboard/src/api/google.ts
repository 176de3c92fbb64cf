/** Logging in with Google: the way there, and what the server brings back in the address. */

import { answer, api, faultOf, type Schemas } from "./client";
import { begin } from "./session";

const NAMES = ["login_code", "link_token", "login_error", "reset_code", "verify_code"] as const;

/**
 * What an address brings that was not typed: of a log-in with Google a code for a session, a token that links the Google
 * account to an account that is there, or what went wrong; of a mail a code that sets another password, or that verifies
 * the e-mail address.
 */
export interface Returned {
  what: (typeof NAMES)[number];
  value: string;
}

/** What came back; it leaves the address, and with it the browser's history, at once. */
function takeReturned(): Returned | undefined {
  const said = new URLSearchParams(location.hash.slice(1) || location.search);
  const what = NAMES.find((name) => said.has(name));
  if (!what) return undefined;
  history.replaceState(null, "", location.pathname);
  return { what, value: said.get(what) ?? "" };
}

export const returned = takeReturned();

export const GOOGLE_LOGIN = "/v1/auth/google/login";
const COOKIE = { params: { query: { cookie: true } } };

/** Begins the session that a call answers. What is wrong with a code or a token is no field that somebody typed. */
async function enterBy(tokens: Promise<Schemas["Tokens"]>): Promise<void> {
  try {
    begin(await tokens);
  } catch (error) {
    const why = faultOf(error);
    throw why ? new Error(why) : error;
  }
}

export function enter(code: string, more: { second_factor?: string } = {}): Promise<void> {
  return enterBy(answer(api.POST("/v1/auth/google/session", { ...COOKIE, body: { code, ...more } })));
}

/** Links the Google account to the account with its e-mail address, and logs in there. */
export function link(link_token: string, password: string, more: { second_factor?: string }): Promise<void> {
  return enterBy(answer(api.POST("/v1/auth/google/link", { ...COOKIE, body: { link_token, password, ...more } })));
}
