/** Who you are, how you read figures, how the page looks, what is connected, and all of your data. */

import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { apiTokens, connection, PROVIDERS, type Provider, passkeys, protection, sessions } from "../api/account";
import { rememberedAnswers } from "../api/drops";
import { me, server } from "../api/queries";
import { PageFrame, Panel } from "../components/page";
import { ThisServer } from "../components/server";
import { Account } from "../components/settings-account";
import { Bookmarks } from "../components/settings-bookmarks";
import { ThisBrowser } from "../components/settings-browser";
import { Connections } from "../components/settings-connections";
import { AllData } from "../components/settings-data";
import { ImportAnswers } from "../components/settings-imports";
import { Passkeys } from "../components/settings-passkeys";
import { Profile } from "../components/settings-profile";
import { SecondFactor } from "../components/settings-second-factor";
import { Sessions } from "../components/settings-sessions";
import { Tokens } from "../components/settings-tokens";
import { Answer, Loading } from "../components/states";
import "../styles/history.css";
import "../styles/settings.css";

const CONNECTIONS = (Object.keys(PROVIDERS) as Provider[]).map((provider) => connection(provider));

/**
 * Says whether everything is there that makes panels higher: drawn before, their buttons would move while pressed.
 * Panels that are drawn stay, and ask again for what could not be had.
 */
function useHeights(): boolean {
  const own = useQueries({ queries: [me, server, protection, passkeys, sessions, apiTokens, rememberedAnswers] });
  const connections = useQueries({ queries: CONNECTIONS });
  const settled = [...own, ...connections].every(({ isPending }) => !isPending);
  const [drawn, setDrawn] = useState(settled);
  if (settled && !drawn) setDrawn(true);
  return drawn;
}

export default function Settings() {
  const asked = useQuery(me);
  if (!useHeights()) {
    return (
      <PageFrame title="Settings">
        <Loading lines={12} />
      </PageFrame>
    );
  }
  return (
    <PageFrame title="Settings">
      <div className="settings">
        <div className="panels">
          <Panel title="You">
            <Answer of={asked}>{(user) => <Profile user={user} />}</Answer>
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
          <ImportAnswers />
          <ThisServer />
        </div>
      </div>
    </PageFrame>
  );
}
