/** The connections with Strava, Hevy and Google: how each stands, its sync, its end. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { authorizeUrl, type Connection, connection, PROVIDERS, type Provider } from "../api/account";
import { answer, api } from "../api/client";
import { askAnew } from "../api/queries";
import { ago, showInstant } from "../format/days";
import { usePerson } from "../person";
import { Button } from "./button";
import { TextField } from "./field";
import { say, sayFailure } from "./messages";
import { Panel } from "./page";
import { DisconnectDialog, OtherSports, OwnApplication, SyncPoints } from "./settings-provider";
import { Answer } from "./states";
import { SubmitForm, useSubmit } from "./submit-form";
import { SyncNow } from "./sync";

export function Connections() {
  return (
    <Panel title="Connections">
      <ul className="connections">
        {(Object.keys(PROVIDERS) as Provider[]).map((provider) => (
          <ConnectionItem key={provider} provider={provider} />
        ))}
      </ul>
    </Panel>
  );
}

function ConnectionItem({ provider }: { provider: Provider }) {
  const asked = useQuery(connection(provider));
  const { name, brings } = PROVIDERS[provider];
  return (
    <li className="connection" aria-label={name}>
      <h3>{name}</h3>
      <p className="small quiet">{brings}</p>
      <Answer of={asked} lines={1}>
        {(state) => (
          <>
            {state.connected || state.needs_reconnect ? (
              <Connected provider={provider} state={state} />
            ) : (
              <Connect provider={provider} name={`Connect ${name}`} />
            )}
            {provider === "strava" && (
              <>
                <OtherSports />
                <SyncPoints left={state.points_left} />
                <OwnApplication provider={provider} name={name} state={state} />
              </>
            )}
          </>
        )}
      </Answer>
    </li>
  );
}

function Connect({ provider, name }: { provider: Provider; name: string }) {
  async function go() {
    try {
      location.assign(await authorizeUrl(provider));
    } catch (error) {
      sayFailure(error);
    }
  }
  if (provider === "hevy") return <HevyKey />;
  return (
    <div>
      <Button onPress={() => go()}>{name}</Button>
    </div>
  );
}

function HevyKey() {
  const form = useSubmit(async ({ key = "" }) => {
    await answer(api.PUT("/v1/oauth/hevy/key", { body: { key } }));
    await askAnew({ predicate: ({ queryKey }) => queryKey[0] === "connection" });
    say("Hevy connected");
  });
  return (
    <SubmitForm form={form} name="Connect Hevy" look="outline">
      <TextField
        label="Key"
        name="key"
        isRequired
        hint="In Hevy: Settings, Developer."
        input={{ autoComplete: "off", spellCheck: false }}
      />
    </SubmitForm>
  );
}

function Connected({ provider, state }: { provider: Provider; state: Connection }) {
  const [leaving, setLeaving] = useState(false);
  const { name } = PROVIDERS[provider];
  const leave = (
    <Button look="quiet" onPress={() => setLeaving(true)} aria-label={`Disconnect ${name}`}>
      Disconnect
    </Button>
  );
  return (
    <>
      <Standing state={state} />
      {state.needs_reconnect ? (
        <div className="row">
          <Connect provider={provider} name="Connect again" />
          {leave}
        </div>
      ) : (
        <SyncNow provider={provider} state={state}>
          {leave}
        </SyncNow>
      )}
      {leaving && <DisconnectDialog provider={provider} name={name} onClose={() => setLeaving(false)} />}
    </>
  );
}

function Standing({ state }: { state: Connection }) {
  const { zone } = usePerson();
  return (
    <ul className="small connection-facts">
      {state.needs_reconnect && <li data-failed>The connection has ended. Connect again.</li>}
      {state.missing_scopes.length > 0 && <li data-failed>Not granted: {state.missing_scopes.join(", ")}</li>}
      <li>Last success: {state.last_success_at ? ago(state.last_success_at, zone) : "none yet"}</li>
      {state.last_error && (
        <li data-failed>
          Last error{state.last_error_at && `, ${ago(state.last_error_at, zone)}`}: {state.last_error}
        </li>
      )}
      {state.hint && <li>{state.hint}</li>}
      {state.next_sync_at && <li>Next sync by itself: {showInstant(state.next_sync_at, zone)}</li>}
      {state.retry_at && <li>It can be asked again {ago(state.retry_at, zone)}.</li>}
    </ul>
  );
}
