/** Which server this is: a real one, or one for trying things out. */

import { useQuery } from "@tanstack/react-query";
import { server } from "../api/queries";
import { Panel } from "./page";
import { Answer } from "./states";

/** A mark on every server but the real one. */
export function ServerMark() {
  const { data } = useQuery(server);
  if (!data || data.environment === "prod") return null;
  return <span className="server-mark small">{data.environment} server</span>;
}

const MEANINGS: Record<string, string> = {
  dev: "dev: for developing and trying things out",
  prod: "prod: the real one",
};

export function ThisServer() {
  const asked = useQuery(server);
  return (
    <Panel title="This server">
      <Answer of={asked} lines={2}>
        {({ environment, version }) => (
          <dl className="facts">
            <div>
              <dt>Environment</dt>
              <dd>{MEANINGS[environment] ?? environment}</dd>
            </div>
            <div>
              <dt>Version</dt>
              <dd>{version}</dd>
            </div>
            <div>
              <dt>Address</dt>
              <dd className="ellipsis">{location.host}</dd>
            </div>
          </dl>
        )}
      </Answer>
    </Panel>
  );
}
