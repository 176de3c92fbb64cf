/** Where you are logged in, and what happened to the account. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type SecurityEvent, type Session, securityLog, sessions } from "../api/account";
import { answer, api } from "../api/client";
import { afterWrite } from "../api/queries";
import { ago, showInstant } from "../format/days";
import { counted } from "../format/units";
import { usePerson } from "../person";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { say, sayFailure } from "./messages";
import { Panel } from "./page";
import { Answer } from "./states";

export function Sessions() {
  const asked = useQuery(sessions);
  const [logged, setLogged] = useState(false);
  async function endOthers() {
    try {
      const { ended_sessions } = await answer(api.DELETE("/v1/auth/sessions"));
      await afterWrite();
      say(`${counted(ended_sessions, "other session")} ended`);
    } catch (error) {
      sayFailure(error);
    }
  }
  return (
    <Panel
      title="Sessions"
      aside={
        <Button look="quiet" onPress={() => setLogged(true)}>
          Security log
        </Button>
      }
    >
      <p className="small quiet">
        Where you are logged in. One that you do not know: end it, then change the password.
      </p>
      <Answer of={asked} lines={2}>
        {(items) => (
          <>
            <ul className="settings-list" aria-label="Sessions">
              {items.map((session) => (
                <SessionRow key={session.id} session={session} />
              ))}
            </ul>
            {items.length > 1 && (
              <div className="row">
                <Button onPress={() => endOthers()}>End all other sessions</Button>
              </div>
            )}
          </>
        )}
      </Answer>
      {logged && <SecurityLog onClose={() => setLogged(false)} />}
    </Panel>
  );
}

function SessionRow({ session }: { session: Session }) {
  const { zone } = usePerson();
  const device = session.device ?? "Unknown device";
  async function end() {
    try {
      await answer(api.DELETE("/v1/auth/sessions/{session_id}", { params: { path: { session_id: session.id } } }));
      await afterWrite();
      say(`Session on ${device} ended`);
    } catch (error) {
      sayFailure(error);
    }
  }
  const [since, used] = [session.created_at, session.last_used_at].map((instant) => ago(instant, zone));
  const last = session.current ? "this one" : used !== since && `used ${used}`;
  const facts = [session.address, last, `logged in ${since}`];
  return (
    <li>
      <span>
        <b>{device}</b> <span className="small quiet">{facts.filter(Boolean).join(" · ")}</span>
      </span>
      {!session.current && (
        <Button look="quiet" onPress={() => end()} aria-label={`End the session on ${device}`}>
          End
        </Button>
      )}
    </li>
  );
}

const WORDS: Record<SecurityEvent["event"], string> = {
  signed_up: "Account made",
  login: "Logged in",
  login_failed: "Failed log-in",
  logout: "Logged out",
  session_ended: "Session ended",
  other_sessions_ended: "All other sessions ended",
  confirmed: "Confirmed",
  confirmation_failed: "Failed confirmation",
  password_changed: "Password changed",
  password_reset: "Password reset by e-mail",
  password_changed_by_operator: "Password changed by the operator",
  email_changed: "E-mail address changed",
  email_verified: "E-mail address verified",
  token_created: "Access token made",
  token_revoked: "Access token revoked",
  tokens_revoked: "All access tokens revoked",
  data_exported: "All data exported",
  account_deactivated: "Account deactivated",
  account_activated: "Account activated again",
  google_linked: "Google account linked",
  google_unlinked: "Google account unlinked",
  second_factor_on: "Second factor switched on",
  second_factor_off: "Second factor switched off",
  recovery_codes_made: "Recovery codes made",
  recovery_code_used: "Recovery code used",
  passkey_added: "Passkey added",
  passkey_removed: "Passkey removed",
  passkey_copied: "Passkey refused, as there seems to be a copy",
};

function SecurityLog({ onClose }: { onClose: () => void }) {
  const { zone } = usePerson();
  const asked = useQuery(securityLog);
  return (
    <Dialog title="Security log" onClose={onClose} wide>
      <p className="small quiet">What happened to your account, newest first: at most the last 100 events of a year.</p>
      <Answer of={asked} lines={6}>
        {(events) => (
          <table className="plain-table" aria-label="Security log">
            <thead>
              <tr>
                <th>When</th>
                <th>What</th>
              </tr>
            </thead>
            <tbody>
              {events.map((one) => (
                <tr key={one.id}>
                  <td>{showInstant(one.created_at, zone)}</td>
                  <td>
                    {[WORDS[one.event], one.detail].filter(Boolean).join(": ")}
                    <div className="small quiet">{[one.device, one.address].filter(Boolean).join(" · ")}</div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Answer>
      <div className="row end">
        <Button onPress={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}
