/** Whether a record is in the calendar, and how it stands there. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import {
  type CalendarState,
  calendarState,
  type InCalendar,
  removeFromCalendar,
  sendToCalendar,
} from "../api/calendar";
import { afterWrite } from "../api/queries";
import { ago } from "../format/days";
import { usePerson } from "../person";
import { Button } from "./button";
import { say, sayFailure } from "./messages";
import { Panel } from "./page";
import { Answer } from "./states";

function wordsOf({ sync_status, behind, synced_at, error_message }: CalendarState, zone: string): string {
  if (sync_status === "failed") return `The last attempt failed: ${error_message ?? "nobody knows why"}`;
  if (sync_status === "pending") return "On its way to the calendar.";
  if (sync_status !== "synced") return "Not in the calendar.";
  const when = synced_at ? `, sent ${ago(synced_at, zone)}` : "";
  return behind ? `In the calendar as it was before the last edit${when}.` : `In the calendar${when}.`;
}

export function Calendar({ kind, id, version }: { kind: InCalendar; id: string; version: number }) {
  const { zone } = usePerson();
  const asked = useQuery(calendarState(kind, id, version));
  const [busy, setBusy] = useState(false);
  async function act(call: () => Promise<unknown>, done: string) {
    setBusy(true);
    try {
      await call();
      say(done);
    } catch (error) {
      sayFailure(error);
    }
    await afterWrite();
    setBusy(false);
  }
  return (
    <Panel title="Calendar">
      <Answer of={asked} lines={1}>
        {(state) => (
          <>
            <p className="small quiet">{wordsOf(state, zone)}</p>
            <div className="row">
              <Button isPending={busy} onPress={() => act(() => sendToCalendar(kind, id), "Sent to the calendar")}>
                {state.sync_status === "synced" ? "Send again" : "Send to calendar"}
              </Button>
              {state.google_event_id && (
                <Button
                  look="quiet"
                  isDisabled={busy}
                  onPress={() => act(() => removeFromCalendar(kind, id), "Removed from the calendar")}
                >
                  Remove from calendar
                </Button>
              )}
            </div>
          </>
        )}
      </Answer>
    </Panel>
  );
}
