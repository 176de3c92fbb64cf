/** The profile: name, units, time zone, weeks, and the heart rates that training load is worked out from. */

import { answer, api, type Schemas } from "../api/client";
import { askAnew, me, queryClient, type User } from "../api/queries";
import { converted, readNumber } from "../format/typed";
import { fromMiles, toMiles, UNIT } from "../format/units";
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

function shownGoal({ weekly_goal_miles: miles, units }: User): string {
  return miles === null ? "" : String(Number(fromMiles(miles, units).toFixed(1)));
}

/** What the form says otherwise than the profile. Throws ApiError. */
function changesOf(fields: Fields, user: User): Changes {
  const text = (name: string) => (fields[name] ?? "").trim();
  const figures = figuresOf(fields);
  const numbers = HEART_RATES.map(
    ([field]) => [field, figures.read(field, (typed) => readNumber(typed, HEART_RATE))] as const,
  );
  const weekly_goal_miles = figures.read(
    "weekly_goal_miles",
    (typed) => converted(readNumber(typed, { example: "32" }), (goal) => toMiles(goal, user.units)),
    { shown: shownGoal(user), value: user.weekly_goal_miles },
  );
  figures.check();
  const said = {
    name: text("name"),
    units: text("units"),
    time_zone: text("time_zone"),
    week_start: text("week_start"),
    weekly_goal_miles,
    sex: text("sex") || null,
    ...Object.fromEntries(numbers),
  };
  return Object.fromEntries(
    Object.entries(said).filter(([field, value]) => value !== user[field as keyof User]),
  ) as Changes;
}

/** What the form shows: once that changed, the form begins anew, and with nothing else of the person. */
function shownOf({ name, units, time_zone, week_start, weekly_goal_miles, sex, ...rest }: User): string {
  const heartRates = HEART_RATES.map(([field]) => rest[field]);
  return JSON.stringify([name, units, time_zone, week_start, weekly_goal_miles, sex, heartRates]);
}

export function Profile({ user }: { user: User }) {
  return <ProfileForm key={shownOf(user)} user={user} />;
}

function ProfileForm({ user }: { user: User }) {
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
      <div className="form-pair">
        <SelectField
          label="Weeks begin on"
          name="week_start"
          defaultValue={user.week_start}
          options={[
            ["monday", "Monday"],
            ["sunday", "Sunday"],
            ["saturday", "Saturday"],
          ]}
        />
        <TextField
          label="Weekly goal"
          name="weekly_goal_miles"
          unit={UNIT[user.units]}
          defaultValue={shownGoal(user)}
          hint="How far you want to run in a week; Today compares with it where the plan asks for nothing."
          input={{ inputMode: "decimal" }}
        />
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
