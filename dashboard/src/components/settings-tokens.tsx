/** Personal access tokens: made and shown once, revoked. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type ApiToken, apiTokens } from "../api/account";
import { answer, api, type Schemas } from "../api/client";
import { afterWrite } from "../api/queries";
import { ago } from "../format/days";
import { usePerson } from "../person";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { say, sayFailure } from "./messages";
import { Panel } from "./page";
import { SelectField } from "./select-field";
import { Answer } from "./states";
import { SubmitForm, useSubmit } from "./submit-form";

type Made = Schemas["MadeApiToken"];
type Scope = "read" | "write" | "import";

const REACHES: Record<string, Scope[]> = {
  read: ["read"],
  "read import": ["read", "import"],
  "read write import": ["read", "write", "import"],
};

export function Tokens() {
  const asked = useQuery(apiTokens);
  const [making, setMaking] = useState(false);
  return (
    <Panel title="Access tokens" aside={<Button onPress={() => setMaking(true)}>New token</Button>}>
      <p className="small quiet">For programs that act for you, such as a script or a watch.</p>
      <Answer of={asked} lines={2}>
        {(items) => {
          const valid = items.filter((token) => !token.revoked_at);
          return valid.length === 0 ? (
            <p className="small quiet">There is none.</p>
          ) : (
            <ul className="settings-list" aria-label="Access tokens">
              {valid.map((token) => (
                <TokenRow key={token.id} token={token} />
              ))}
            </ul>
          );
        }}
      </Answer>
      {making && <NewToken onClose={() => setMaking(false)} />}
    </Panel>
  );
}

function TokenRow({ token }: { token: ApiToken }) {
  const { zone } = usePerson();
  async function revoke() {
    try {
      await answer(api.DELETE("/v1/auth/tokens/{token_id}", { params: { path: { token_id: token.id } } }));
      await afterWrite();
      say(`${token.name} revoked`);
    } catch (error) {
      sayFailure(error);
    }
  }
  const facts = [
    token.scopes.join(", "),
    token.last_used_at ? `used ${ago(token.last_used_at, zone)}` : "never used",
    token.expires_at && `until ${ago(token.expires_at, zone)}`,
  ];
  return (
    <li>
      <span>
        <b>{token.name}</b> <span className="small quiet">{facts.filter(Boolean).join(" · ")}</span>
      </span>
      <Button look="quiet" onPress={() => revoke()} aria-label={`Revoke ${token.name}`}>
        Revoke
      </Button>
    </li>
  );
}

function NewToken({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<Made>();
  const form = useSubmit(async ({ name = "", reach = "read", expires = "" }) => {
    const expires_at = expires ? `${expires}T00:00:00Z` : null;
    setMade(await answer(api.POST("/v1/auth/tokens", { body: { name, scopes: REACHES[reach] ?? [], expires_at } })));
    await afterWrite();
  });
  if (made) return <MadeToken made={made} onClose={onClose} />;
  return (
    <Dialog title="New access token" onClose={onClose}>
      <SubmitForm form={form} name="Make the token" onCancel={onClose}>
        <TextField label="Name" name="name" isRequired autoFocus hint="What it is for." />
        <SelectField
          label="What it may do"
          name="reach"
          options={[
            ["read", "Read"],
            ["read import", "Read and import"],
            ["read write import", "Read, write and import"],
          ]}
        />
        <TextField label="Ends on" name="expires" type="date" hint="Empty: it does not end by itself." />
      </SubmitForm>
    </Dialog>
  );
}

function MadeToken({ made, onClose }: { made: Made; onClose: () => void }) {
  return (
    <Dialog title="Copy your token now" onClose={onClose} mustAnswer>
      <p className="quiet">It is shown this once. Send it as “Authorization: Bearer …”.</p>
      <TextField label="Token" value={made.token} isReadOnly autoFocus />
      <div className="row end">
        {navigator.clipboard && (
          <Button onPress={() => navigator.clipboard.writeText(made.token).then(() => say("Token copied"))}>
            Copy
          </Button>
        )}
        <Button look="primary" onPress={onClose}>
          I have copied it
        </Button>
      </div>
    </Dialog>
  );
}
