/** The profile: name, units, time zone, and the heart rates that training load is worked out from. */

import { answer, api, type Schemas } from "../api/client";
import { askAnew, me, queryClient, type User } from "../api/queries";
import { readNumber } from "../format/typed";
import { BROWSER_ZONE } from "../person";
import { TextField, TimeZoneField } from "./field";
import { say } from "./messages";
import { SelectField } from "./select-field";
import { type Fields, figuresOf, SubmitForm, useSubmit } from "./submit-form";

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

const HEART_RATE = { example: "52", decimals: 0 };

/** What the form says otherwise than the profile. Throws ApiError. */
function changesOf(fields: Fields, user: User): Changes {
  const text = (name: string) => (fields[name] ?? "").trim();
  const figures = figuresOf(fields);
  const numbers = HEART_RATES.map(
    ([field]) => [field, figures.read(field, (typed) => readNumber(typed, HEART_RATE))] as const,
  );
  figures.check();
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
  const form = useSubmit(async (fields) => {
    const changes = changesOf(fields, user);
    if (Object.keys(changes).length === 0) return say("Nothing to save");
    queryClient.setQueryData(me.queryKey, await answer(api.PATCH("/v1/users/me", { body: changes })));
    await askAnew();
    say("Profile saved");
  });
  return (
    <SubmitForm form={form} name="Save">
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
    </SubmitForm>
  );
}
