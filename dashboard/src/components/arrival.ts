/** What the server says in the address when it sends a browser back from a provider. */

import { useEffect } from "react";
import { useLocation } from "wouter";
import { say, sayFailure } from "./messages";

export function useArrival(): void {
  const [, go] = useLocation();
  useEffect(() => {
    const said = new URLSearchParams(location.search);
    const provider = said.get("connected");
    const problem = said.get("connection_error");
    if (!provider && !problem) return;
    go("/settings", { replace: true });
    if (problem) sayFailure(new Error(problem));
    else say(`Connected with ${provider}`);
  }, [go]);
}
