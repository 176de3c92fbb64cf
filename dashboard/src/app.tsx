import { Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { RouterProvider } from "react-aria-components";
import { Route, Switch, useLocation } from "wouter";
import { answer, api, faultOf } from "./api/client";
import { isAsked, onAsked } from "./api/confirmation";
import { returned } from "./api/google";
import { queryClient } from "./api/queries";
import { type SessionState, sessionState, subscribe } from "./api/session";
import { useArrival } from "./components/arrival";
import { Boundary } from "./components/boundary";
import { onImport, pickedFiles, takeDroppedFiles } from "./components/importing";
import { overlay } from "./components/late";
import { hasSpoken, onMessage, say, sayFailure } from "./components/messages";
import { ComingPage, PageFrame } from "./components/page";
import { Shell } from "./components/shell";
import { onWayAsked, wayAsked } from "./components/unsaved";
import { PAGES, RECORDS } from "./pages";

const Welcome = overlay(() => import("./components/account"));
const Toasts = overlay(() => import("./components/toasts"));
const ConfirmConnection = overlay(() => import("./components/confirm-connection"));
const ConfirmIdentity = overlay(() => import("./components/confirm-identity"));
const Imports = overlay(() => import("./components/imports"));
const Leaving = overlay(() => import("./components/leaving"));
const SessionEnded = overlay(() => import("./components/session-ended"));

export function useSession(): SessionState {
  return useSyncExternalStore(subscribe, sessionState);
}

export function App() {
  const session = useSession();
  const [, navigate] = useLocation();
  const [arrived, setArrived] = useState(returned);
  useEffect(() => {
    if (arrived?.what === "login_error") sayFailure(new Error(arrived.value));
    else if (arrived?.what === "verify_code") void verifyEmail(arrived.value);
    else return;
    setArrived(undefined);
  }, [arrived]);
  useEffect(() => {
    if (session === "out") queryClient.clear();
  }, [session]);
  return (
    <RouterProvider navigate={navigate}>
      {session === "out" || arrived ? (
        <Welcome returned={arrived} onReturned={setArrived} />
      ) : (
        <LoggedIn ended={session === "ended"} />
      )}
      <Messages />
    </RouterProvider>
  );
}

async function verifyEmail(code: string) {
  try {
    await answer(api.POST("/v1/auth/email/verify", { body: { code } }));
    await queryClient.invalidateQueries();
    say("E-mail address verified");
  } catch (error) {
    const why = faultOf(error);
    sayFailure(why ? new Error(`This page does not work any more: ${why}`) : error);
  }
}

function Messages() {
  const any = useSyncExternalStore(onMessage, hasSpoken);
  return any && <Toasts />;
}

function LoggedIn({ ended }: { ended: boolean }) {
  const [sent, leave] = useArrival();
  const asked = useSyncExternalStore(onAsked, isAsked);
  const picked = useSyncExternalStore(onImport, pickedFiles);
  const leaving = useSyncExternalStore(onWayAsked, wayAsked);
  const [page] = useLocation();
  useEffect(takeDroppedFiles, []);
  return (
    <Shell>
      <Boundary page={page}>
        <Switch>
          {[...PAGES, ...RECORDS].map(({ path, name, component: Page }) => (
            <Route key={path} path={path}>
              <Suspense fallback={<ComingPage title={name} />}>
                <Page />
              </Suspense>
            </Route>
          ))}
          <Route>
            <PageFrame
              title="There is no such page"
              lead="The address leads nowhere; the pages are in the navigation."
            />
          </Route>
        </Switch>
      </Boundary>
      {sent && <ConfirmConnection sent={sent} onClose={leave} />}
      {picked && <Imports picked={picked} />}
      {asked && <ConfirmIdentity />}
      {leaving && <Leaving />}
      {ended && <SessionEnded />}
    </Shell>
  );
}
