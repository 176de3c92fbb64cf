/** Who you are, how you read figures, how the page looks. */

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { ApiError, answer, api, type Schemas } from "../api/client";
import { me, queryClient, type User } from "../api/queries";
import { Button } from "../components/button";
import { Chips } from "../components/chips";
import { TextField, TimeZoneField } from "../components/field";
import { logOut } from "../components/log-out";
import { say } from "../components/messages";
import { PageFrame, Panel } from "../components/page";
import { SelectField } from "../components/select-field";
import { Account } from "../components/settings-account";
import { Connections } from "../components/settings-connections";
import { AllData } from "../components/settings-data";
import { Tokens } from "../components/settings-tokens";
import { Answer } from "../components/states";
import { BROWSER_ZONE } from "../person";
import { setPreferences, type Theme, usePreferences } from "../preferences";
import "../styles/settings.css";

const THEMES = [
  ["system", "System"],
  ["light", "Light"],
  ["dark", "Dark"],
] as const;

const FIRST_DAYS = [
  ["1", "Monday"],
  ["0", "Sunday"],
  ["6", "Saturday"],
] as const;

export default function Settings() {
  const asked = useQuery(me);
  const { theme, firstDay } = usePreferences();
  return (
    <PageFrame title="Settings">
      <div className="settings">
        <div className="panels">
          <Panel title="You">
            <Answer of={asked}>{(user) => <Profile key={user.updated_at} user={user} />}</Answer>
          </Panel>
          <Connections />
        </div>
        <div className="panels">
          <Panel title="This browser">
            <div className="setting">
              <h3>Theme</h3>
              <Chips
                name="Theme"
                options={THEMES}
                value={theme}
                onChange={(next: Theme) => setPreferences({ theme: next })}
              />
            </div>
            <div className="setting">
              <h3>Weeks begin on</h3>
              <Chips
                name="Weeks begin on"
                options={FIRST_DAYS}
                value={String(firstDay) as "0" | "1" | "6"}
                onChange={(next) => setPreferences({ firstDay: Number(next) as 0 | 1 | 6 })}
              />
            </div>
            <div>
              <Button onPress={() => void logOut()}>Log out</Button>
            </div>
          </Panel>
          <Answer of={asked}>{(user) => <Account user={user} />}</Answer>
          <Tokens />
          <AllData />
        </div>
      </div>
    </PageFrame>
  );
}

type Changes = Schemas["ProfileChanges"];

const HEART_RATES = [
  ["resting_heart_rate", "Resting heart rate", "Lying still in the morning, often 45 to 70."],
  ["max_heart_rate", "Maximum heart rate", "The highest you have seen in a hard effort; not 220 minus age."],
  [
    "lactate_threshold_heart_rate",
    "Threshold heart rate",
    "What you can hold for about an hour. Empty: taken from the other two.",
  ],
] as const;

function changesOf(form: FormData, user: User): Changes {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const numbers = HEART_RATES.map(([field]) => [field, text(field) ? Number(text(field)) : null] as const);
  const said = {
    name: text("name"),
    units: text("units"),
    time_zone: text("time_zone"),
    sex: text("sex") || null,
    ...Object.fromEntries(numbers),
  };
  return Object.fromEntries(
    Object.entries(said).filter(([field, value]) => value !== user[field as keyof User]),
  ) as Changes;
}

function Profile({ user }: { user: User }) {
  const [failure, setFailure] = useState<Error>();
  async function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const changes = changesOf(new FormData(event.currentTarget), user);
    setFailure(undefined);
    if (Object.keys(changes).length === 0) return say("Nothing to save");
    try {
      const changed = await answer(api.PATCH("/v1/users/me", { body: changes }));
      queryClient.setQueryData(me.queryKey, changed);
      await queryClient.invalidateQueries();
      say("Profile saved");
    } catch (error) {
      setFailure(error as Error);
    }
  }
  const fields = failure instanceof ApiError ? failure.fields : {};
  return (
    <Form className="form" onSubmit={save} validationErrors={fields}>
      <TextField label="Name" name="name" isRequired defaultValue={user.name} />
      <div className="form-pair">
        <SelectField
          label="Units"
          name="units"
          defaultValue={user.units}
          options={[
            ["miles", "Miles"],
            ["kilometres", "Kilometres"],
          ]}
        />
        <TimeZoneField name="time_zone" defaultValue={user.time_zone ?? BROWSER_ZONE} />
      </div>
      <h3>For training load</h3>
      {HEART_RATES.map(([field, label, hint]) => (
        <TextField
          key={field}
          label={label}
          name={field}
          hint={hint}
          unit="bpm"
          defaultValue={user[field] === null ? "" : String(user[field])}
          input={{ inputMode: "numeric" }}
        />
      ))}
      <SelectField
        label="Sex"
        name="sex"
        defaultValue={user.sex ?? ""}
        hint="The formula of TRIMP has two sets of weights; without an answer their mean is taken."
        options={[
          ["", "No answer"],
          ["female", "Female"],
          ["male", "Male"],
        ]}
      />
      {failure && Object.keys(fields).length === 0 && (
        <p className="form-error" role="alert">
          {failure.message}
        </p>
      )}
      <div>
        <Button type="submit" look="primary">
          Save
        </Button>
      </div>
    </Form>
  );
}
