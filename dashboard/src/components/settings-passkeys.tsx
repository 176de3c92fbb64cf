/** Passkeys: added on this device, named, removed. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { passkeys, sessions } from "../api/account";
import { answer, api } from "../api/client";
import { addPasskey, type Passkey, useWhyNoPasskeys } from "../api/passkeys";
import { afterWrite } from "../api/queries";
import { ago } from "../format/days";
import { usePerson } from "../person";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { say, sayFailure } from "./messages";
import { Panel } from "./page";
import { Answer } from "./states";
import { SubmitForm, useSubmit } from "./submit-form";

export function Passkeys() {
  const asked = useQuery(passkeys);
  const whyNot = useWhyNoPasskeys();
  const [named, setNamed] = useState<Passkey | "new">();
  const close = () => setNamed(undefined);
  return (
    <Panel title="Passkeys" aside={whyNot === null && <Button onPress={() => setNamed("new")}>Add a passkey</Button>}>
      <p className="small quiet">
        {whyNot
          ? `Passkeys do not work here. ${whyNot}`
          : "Log in with a fingerprint, a face or a PIN of your device, without password and code."}
      </p>
      <Answer of={asked} lines={2}>
        {(items) =>
          items.length > 0 && (
            <ul className="settings-list" aria-label="Passkeys">
              {items.map((passkey) => (
                <PasskeyRow key={passkey.id} passkey={passkey} onRename={() => setNamed(passkey)} />
              ))}
            </ul>
          )
        }
      </Answer>
      {named === "new" && <AddDialog onClose={close} />}
      {named && named !== "new" && <RenameDialog passkey={named} onClose={close} />}
    </Panel>
  );
}

function PasskeyRow({ passkey, onRename }: { passkey: Passkey; onRename: () => void }) {
  const { zone } = usePerson();
  async function remove() {
    try {
      await answer(api.DELETE("/v1/auth/passkeys/{passkey_id}", { params: { path: { passkey_id: passkey.id } } }));
      await afterWrite();
      say(`${passkey.name} removed. Its device may still offer it: delete it there, too.`);
    } catch (error) {
      sayFailure(error);
    }
  }
  const used = passkey.last_used_at ? `used ${ago(passkey.last_used_at, zone)}` : "never used";
  return (
    <li>
      <span>
        <b>{passkey.name}</b>{" "}
        <span className="small quiet">
          added {ago(passkey.created_at, zone)} · {used}
        </span>
      </span>
      <span className="row">
        <Button look="quiet" onPress={onRename} aria-label={`Rename ${passkey.name}`}>
          Rename
        </Button>
        <Button look="quiet" onPress={() => remove()} aria-label={`Remove ${passkey.name}`}>
          Remove
        </Button>
      </span>
    </li>
  );
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const { data } = useQuery(sessions);
  const form = useSubmit(async ({ name = "" }) => {
    await addPasskey(name);
    await afterWrite();
    say(`${name} added`);
    onClose();
  });
  return (
    <Dialog title="Add a passkey" onClose={onClose}>
      <p className="quiet">Your browser asks next where to keep it, and for your fingerprint, face or PIN.</p>
      <SubmitForm form={form} name="Add" onCancel={onClose}>
        <NameField name={data?.find((session) => session.current)?.device ?? ""} />
      </SubmitForm>
    </Dialog>
  );
}

function RenameDialog({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const form = useSubmit(async ({ name = "" }) => {
    const path = { passkey_id: passkey.id };
    await answer(api.PATCH("/v1/auth/passkeys/{passkey_id}", { params: { path }, body: { name } }));
    await afterWrite();
    onClose();
  });
  return (
    <Dialog title="Rename the passkey" onClose={onClose}>
      <SubmitForm form={form} name="Rename" onCancel={onClose}>
        <NameField name={passkey.name} />
      </SubmitForm>
    </Dialog>
  );
}

function NameField({ name }: { name: string }) {
  return (
    <TextField
      label="Name"
      name="name"
      isRequired
      autoFocus
      defaultValue={name}
      hint="The device, or the password manager, that keeps it."
    />
  );
}
