/** "Sync now": how far the sync is, and what came of it. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type Connection, connection, PROVIDERS, type Provider } from "../api/account";
import { afterWrite } from "../api/queries";
import { syncNow } from "../api/sync";
import { ago } from "../format/days";
import { usePerson } from "../person";
import { Button } from "./button";
import { sayFailure } from "./messages";

interface Props {
  provider: Provider;
  state: Connection;
  /** What stands beside the button. */
  children?: ReactNode;
}

export function SyncNow({ provider, state, children }: Props) {
  const [busy, setBusy] = useState(false);
  const [status, setStatus] = useState("");
  async function sync() {
    setBusy(true);
    setStatus("Syncing …");
    try {
      setStatus(`Sync: ${await syncNow(provider, (words) => setStatus(`Syncing: ${words}`))}`);
    } catch (error) {
      setStatus("");
      sayFailure(error);
    }
    await afterWrite();
    setBusy(false);
  }
  const shown = status || (state.syncing ? `Syncing: ${state.found} found so far` : "");
  return (
    <>
      {shown && (
        <p className="small" role="status">
          {shown}
        </p>
      )}
      <div className="row">
        <Button
          isPending={busy || state.syncing}
          onPress={() => sync()}
          aria-label={`Sync ${PROVIDERS[provider].name} now`}
        >
          Sync now
        </Button>
        {children}
      </div>
    </>
  );
}

/** The providers that bring records, each with its last sync; nothing of those that are not connected. */
export function Syncs() {
  return (
    <div className="syncs">
      <SyncItem provider="strava" />
      <SyncItem provider="hevy" />
    </div>
  );
}

function SyncItem({ provider }: { provider: Provider }) {
  const { zone } = usePerson();
  const { data: state } = useQuery(connection(provider));
  if (!state?.connected) return null;
  const last = state.last_success_at ? `last synced ${ago(state.last_success_at, zone)}` : "never synced";
  return (
    <section className="panel" aria-label={PROVIDERS[provider].name}>
      <p>
        <b>{PROVIDERS[provider].name}</b> <span className="small quiet">{last}</span>
      </p>
      <SyncNow provider={provider} state={state} />
    </section>
  );
}
