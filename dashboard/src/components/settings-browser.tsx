/** What this browser remembers: the theme. */

import { setTheme, useTheme } from "../preferences";
import { Button } from "./button";
import { Chips } from "./chips";
import { logOut } from "./log-out";
import { Panel } from "./page";

const THEMES = [
  ["system", "System"],
  ["light", "Light"],
  ["dark", "Dark"],
] as const;

export function ThisBrowser() {
  return (
    <Panel title="This browser">
      <div className="setting">
        <h3>Theme</h3>
        <Chips name="Theme" options={THEMES} value={useTheme()} onChange={setTheme} />
      </div>
      <div>
        <Button onPress={() => logOut()}>Log out</Button>
      </div>
    </Panel>
  );
}
