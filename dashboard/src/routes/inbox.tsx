/** What waits for a decision: conflicts, duplicates, failed calendar syncs. */

import { useQuery } from "@tanstack/react-query";
import { inbox, waitingIn } from "../api/inbox";
import { useDecidingKeys } from "../components/decision";
import { Conflicts } from "../components/inbox-conflicts";
import { Duplicates } from "../components/inbox-duplicates";
import { FailedSyncs } from "../components/inbox-failed";
import { useNarrow } from "../components/narrow";
import { PageFrame } from "../components/page";
import { Answer, Empty } from "../components/states";
import "../styles/inbox.css";

export default function Inbox() {
  const asked = useQuery(inbox);
  useDecidingKeys();
  return (
    <PageFrame
      title="Inbox"
      lead={`What waits for your decision.${useNarrow() ? "" : " j and k move, one key decides."}`}
    >
      <Answer of={asked}>
        {(waiting) =>
          waitingIn(waiting) === 0 ? (
            <Empty title="Nothing waits">
              Conflicts with a provider, possible duplicates and failed calendar syncs appear here.
            </Empty>
          ) : (
            <div className="panels">
              {waiting.conflicts > 0 && <Conflicts />}
              {waiting.duplicates > 0 && (
                <>
                  <Duplicates noun="runs" />
                  <Duplicates noun="workouts" />
                  <Duplicates noun="planned-workouts" />
                </>
              )}
              {waiting.failed_calendar_syncs > 0 && (
                <>
                  <FailedSyncs noun="runs" />
                  <FailedSyncs noun="workouts" />
                </>
              )}
            </div>
          )
        }
      </Answer>
    </PageFrame>
  );
}
