/** What the server says in the address when it sends a browser back from a provider. */

import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import type { Provider } from "../api/account";
import type { Schemas } from "../api/client";
import { say, sayFailure } from "./messages";

/** What a provider sent to a browser that had not asked for a connection. */
export interface Sent {
  provider: Provider;
  body: Schemas["Connect"];
}

/** Says how a connection went; returns what is to be confirmed first, and how to leave that. */
export function useArrival(): [Sent | null, () => void] {
  const [, go] = useLocation();
  const [sent, setSent] = useState(readSent);
  useEffect(() => {
    const said = new URLSearchParams(location.search);
    const provider = said.get("connected");
    const problem = said.get("connection_error");
    if (!provider && !problem) return;
    go("/settings", { replace: true });
    if (problem) sayFailure(new Error(problem));
    else say(`Connected with ${provider}`);
  }, [go]);
  function leave() {
    setSent(null);
    go("/settings", { replace: true });
  }
  return [sent, leave];
}

function readSent(): Sent | null {
  const { connect, state, ...granted } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  return connect && state ? { provider: connect as Provider, body: { state, ...granted } } : null;
}
