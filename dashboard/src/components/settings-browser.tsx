/** What this browser remembers: the theme, where weeks begin, the weekly goal. */

import { useState } from "react";
import { readNumber } from "../format/typed";
import { fromMiles, toMiles, UNIT } from "../format/units";
import { usePerson } from "../person";
import { setPreferences, type Theme, usePreferences } from "../preferences";
import { Button } from "./button";
import { Chips } from "./chips";
import { TextField } from "./field";
import { logOut } from "./log-out";
import { Panel } from "./page";

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

export function ThisBrowser() {
  const { theme, firstDay } = usePreferences();
  const { units } = usePerson();
  return (
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
      <WeeklyGoal key={units} />
      <div>
        <Button onPress={() => void logOut()}>Log out</Button>
      </div>
    </Panel>
  );
}

function WeeklyGoal() {
  const { units } = usePerson();
  const { weeklyMiles } = usePreferences();
  const shown = weeklyMiles > 0 ? String(Number(fromMiles(weeklyMiles, units).toFixed(1))) : "";
  const [text, setText] = useState(shown);
  const [left, setLeft] = useState(false);
  const typed = text.trim() === "" ? 0 : readNumber(text, { example: "32" });
  function leave() {
    setLeft(true);
    if (typeof typed === "number" && text !== shown) setPreferences({ weeklyMiles: toMiles(typed, units) });
  }
  return (
    <TextField
      label="Weekly goal"
      unit={UNIT[units]}
      value={text}
      onChange={setText}
      onFocus={() => setLeft(false)}
      onBlur={leave}
      error={left && typeof typed === "string" ? typed : undefined}
      hint="How far you want to run in a week; Today compares with it where the plan asks for nothing."
      input={{ inputMode: "decimal", autoComplete: "off" }}
    />
  );
}
