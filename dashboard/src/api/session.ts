/**
 * Who is logged in.
 *
 * The refresh token lives in a cookie that scripts cannot read and that is sent to /v1/auth alone; the access token
 * lives in this module's memory and dies with the page. A script that got in could find nothing that outlasts the
 * page, and a page of another origin can make nothing of the cookie: by itself it opens no call but the refresh, whose
 * answer stays closed to others. Tabs take turns at refreshing and tell each other the outcome.
 */

export type SessionState = "in" | "out" | "ended";

interface AccessToken {
  value: string;
  until: number;
  /** The person whose it is. */
  user: string;
}

const HINT = "fitness.session";
const MARGIN_MS = 30_000;

let token: AccessToken | null = null;
/** The person whose data the page shows. */
let user: string | undefined;
let state: SessionState = localStorage.getItem(HINT) ? "in" : "out";
const listeners = new Set<() => void>();
const channel = new BroadcastChannel("fitness-session");

channel.onmessage = ({ data }: MessageEvent<AccessToken | null>) => {
  if (data) take(data);
  else leave();
};

/** Uses a token; where it is another person's, the page begins anew, and nothing that waits is sent in their name. */
function take(next: AccessToken): void {
  if (user !== undefined && user !== next.user) {
    state = "out";
    location.reload();
    return;
  }
  token = next;
  user = next.user;
  change("in");
}

function leave(): void {
  token = null;
  user = undefined;
  change("out");
}

function change(next: SessionState): void {
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function sessionState(): SessionState {
  return state;
}

interface Tokens {
  access_token: string;
  expires_in: number;
}

function keep(tokens: Tokens): string {
  const value = tokens.access_token;
  const made = { value, until: Date.now() + tokens.expires_in * 1000, user: userOf(value) };
  // Whether there may be a session is no secret: it saves a new visitor a refused request.
  localStorage.setItem(HINT, "yes");
  channel.postMessage(made);
  take(made);
  return value;
}

/** Whom an access token names (RFC 7519). */
function userOf(value: string): string {
  const payload = (value.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  return (JSON.parse(atob(payload)) as { sub: string }).sub;
}

function isFresh(): boolean {
  return token !== null && token.until - Date.now() > MARGIN_MS;
}

/** The access token, renewed where it is about to expire; null without a session. */
export async function accessToken(): Promise<string | null> {
  if (state !== "in") return null;
  if (token && isFresh()) return token.value;
  return inTurn(async () => (token && isFresh() ? token.value : refresh()));
}

/** Forgets an access token that the server refused, so that the next call renews it. */
export function refuse(value: string): void {
  if (token?.value === value) token = null;
}

function inTurn(work: () => Promise<string | null>): Promise<string | null> {
  // Browsers have locks on HTTPS and on localhost alone.
  const others = turn;
  const mine = navigator.locks
    ? (navigator.locks.request("fitness-refresh", work) as Promise<unknown>)
    : others.then(work, work);
  turn = mine;
  return mine as Promise<string | null>;
}

let turn: Promise<unknown> = Promise.resolve();

async function refresh(): Promise<string | null> {
  // The answer's cookie is kept even when the page is left meanwhile.
  const response = await fetch("/v1/auth/refresh", { method: "POST", keepalive: true });
  if (response.ok) return keep(await response.json());
  if (response.status !== 401 && response.status !== 403) throw new TypeError("The session cannot be renewed now");
  token = null;
  localStorage.removeItem(HINT);
  change("ended");
  return null;
}

export function begin(tokens: Tokens): void {
  keep(tokens);
}

export function end(): void {
  localStorage.removeItem(HINT);
  channel.postMessage(null);
  leave();
}
