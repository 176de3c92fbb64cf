/** Who you are, how you read figures, how the page looks, what is connected, and all of your data. */

import { useQuery } from "@tanstack/react-query";
import { me } from "../api/queries";
import { PageFrame, Panel } from "../components/page";
import { ThisServer } from "../components/server";
import { Account } from "../components/settings-account";
import { Bookmarks } from "../components/settings-bookmarks";
import { ThisBrowser } from "../components/settings-browser";
import { Connections } from "../components/settings-connections";
import { AllData } from "../components/settings-data";
import { Passkeys } from "../components/settings-passkeys";
import { Profile } from "../components/settings-profile";
import { SecondFactor } from "../components/settings-second-factor";
import { Sessions } from "../components/settings-sessions";
import { Tokens } from "../components/settings-tokens";
import { Answer } from "../components/states";
import "../styles/history.css";
import "../styles/settings.css";

export default function Settings() {
  const asked = useQuery(me);
  return (
    <PageFrame title="Settings">
      <div className="settings">
        <div className="panels">
          <Panel title="You">
            <Answer of={asked}>{(user) => <Profile key={user.updated_at} user={user} />}</Answer>
          </Panel>
          <Connections />
          <Passkeys />
          <SecondFactor />
          <Sessions />
        </div>
        <div className="panels">
          <ThisBrowser />
          <Answer of={asked}>{(user) => <Account user={user} />}</Answer>
          <Tokens />
          <Bookmarks />
          <AllData />
          <ThisServer />
        </div>
      </div>
    </PageFrame>
  );
}
