/** The profile: name, units, time zone, and the heart rates that training load is worked out from. */

import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { ApiError, answer, api, type Schemas } from "../api/client";
import { me, queryClient, type User } from "../api/queries";
import { BROWSER_ZONE } from "../person";
import { Button } from "./button";
import { TextField, TimeZoneField } from "./field";
import { say } from "./messages";
import { SelectField } from "./select-field";

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

export function Profile({ user }: { user: User }) {
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
      <p className="small quiet">
        TRIMP, fitness, fatigue and form come from the average heart rate of each run: how high it was between your
        resting and your maximum one. What you change here counts for all runs, old ones too.
      </p>
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
