/** What is set for one provider: its end, an application of one's own, other sports, points. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Connection, disconnect, type Provider } from "../api/account";
import { answer, api } from "../api/client";
import { afterWrite, me, queryClient } from "../api/queries";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { say, sayFailure } from "./messages";
import { SubmitForm, useSubmit } from "./submit-form";

/** The end of a connection: what came over it stays, unless the person says otherwise. */
export function DisconnectDialog({
  provider,
  name,
  onClose,
}: {
  provider: Provider;
  name: string;
  onClose: () => void;
}) {
  const [force, setForce] = useState(false);
  const form = useSubmit(async ({ records }) => {
    const keep_records = records !== "delete";
    try {
      await disconnect(provider, { keep_records, force });
    } catch (error) {
      setForce(true);
      throw error;
    }
    await afterWrite();
    say(
      keep_records
        ? `${name} disconnected; what it brought stays`
        : `${name} disconnected, and its records deleted. Revert that under Changes`,
    );
    onClose();
  });
  return (
    <Dialog title={`Disconnect ${name}?`} onClose={onClose}>
      <SubmitForm form={form} name={force ? "Disconnect anyway" : "Disconnect"} look="danger" onCancel={onClose}>
        {provider === "google" ? (
          <p className="quiet">Events that are in your calendar stay there.</p>
        ) : (
          <fieldset className="choices">
            <legend>Runs and workouts that came from {name}</legend>
            <label className="check">
              <input type="radio" name="records" value="keep" defaultChecked />
              Keep them
            </label>
            <label className="check">
              <input type="radio" name="records" value="delete" />
              Delete them, as one change that can be reverted
            </label>
          </fieldset>
        )}
      </SubmitForm>
    </Dialog>
  );
}

/** An application of one's own at a provider: for servers without one, or to have a rate limit to oneself. */
export function OwnApplication({ provider, name, state }: { provider: Provider; name: string; state: Connection }) {
  const [open, setOpen] = useState(false);
  const own = state.own_client_id;
  async function remove() {
    try {
      await answer(api.DELETE("/v1/oauth/{provider}/application", { params: { path: { provider } } }));
      await afterWrite();
      say("New connections use the server's application");
    } catch (error) {
      sayFailure(error);
    }
  }
  return (
    <div className="row small quiet">
      {own && <span>Your own application {own}</span>}
      <Button look="quiet" onPress={() => setOpen(true)}>
        {own ? "Change" : "Use your own application"}
      </Button>
      {own && (
        <Button look="quiet" onPress={() => remove()}>
          Stop using it
        </Button>
      )}
      {open && <ApplicationDialog provider={provider} name={name} own={own} onClose={() => setOpen(false)} />}
    </div>
  );
}

function ApplicationDialog({
  provider,
  name,
  own,
  onClose,
}: {
  provider: Provider;
  name: string;
  own: string | null;
  onClose: () => void;
}) {
  const form = useSubmit(async ({ client_id = "", client_secret = "" }) => {
    const params = { path: { provider } };
    await answer(api.PUT("/v1/oauth/{provider}/application", { params, body: { client_id, client_secret } }));
    await afterWrite();
    say("Application saved; connect to use it");
    onClose();
  });
  const input = { autoComplete: "off", spellCheck: false } as const;
  return (
    <Dialog title={`Your own application at ${name}`} onClose={onClose}>
      <p className="quiet">New connections use it instead of the server's. It has a rate limit of its own.</p>
      <SubmitForm form={form} name="Save" onCancel={onClose}>
        <TextField label="Client id" name="client_id" isRequired autoFocus defaultValue={own ?? ""} input={input} />
        <TextField
          label="Client secret"
          name="client_secret"
          type="password"
          isRequired
          hint="It is stored encrypted, and is not shown again."
          input={input}
        />
      </SubmitForm>
    </Dialog>
  );
}

/** A switch of the profile: what syncs bring besides runs. */
function Switch({ field, label, on, off }: { field: Field; label: string; on: string; off: string }) {
  const { data: user } = useQuery(me);
  /** What it is being switched to: it stands so at once, and nobody can press again. */
  const [next, setNext] = useState<boolean>();
  async function change(value: boolean) {
    if (next !== undefined) return;
    setNext(value);
    try {
      const saved = await answer(api.PATCH("/v1/users/me", { body: { [field]: value } }));
      // Answers to other changes may come before this one, which is older then.
      queryClient.setQueryData(me.queryKey, (known) => known && { ...known, [field]: saved[field] });
      say(value ? on : off);
    } catch (error) {
      sayFailure(error);
    } finally {
      setNext(undefined);
    }
  }
  if (!user) return null;
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={next ?? user[field]}
        aria-busy={next !== undefined}
        onChange={(event) => void change(event.target.checked)}
      />
      {label}
    </label>
  );
}

type Field = "import_other_sports" | "sync_points";

/** Whether syncs bring more than runs. */
export function OtherSports() {
  return (
    <Switch
      field="import_other_sports"
      label="Import other sports, too, such as rides and swims"
      on="Other sports are imported from now on"
      off="Only runs are imported from now on"
    />
  );
}

/** Whether the points of activities are fetched, and how many are still to come. */
export function SyncPoints({ left }: { left: number | null }) {
  return (
    <>
      <Switch
        field="sync_points"
        label="Fetch the points of activities: route, heart rate, splits"
        on="The points of activities are fetched from now on, the newest first"
        off="No more points are fetched"
      />
      {left ? <p className="small quiet">Activities without points that are still to be asked for: {left}</p> : null}
    </>
  );
}
