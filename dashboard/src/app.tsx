import { Suspense, useEffect, useSyncExternalStore } from "react";
import { RouterProvider } from "react-aria-components";
import { Route, Switch, useLocation } from "wouter";
import { me, queryClient } from "./api/queries";
import { type SessionState, sessionState, subscribe } from "./api/session";
import { LoginForm, Welcome } from "./components/account";
import { useArrival } from "./components/arrival";
import { Dialog } from "./components/dialog";
import { Shell } from "./components/shell";
import { Empty, Loading } from "./components/states";
import { Toasts } from "./components/toasts";
import { PAGES, RECORDS } from "./pages";

export function useSession(): SessionState {
  return useSyncExternalStore(subscribe, sessionState);
}

export function App() {
  const session = useSession();
  const [, navigate] = useLocation();
  useEffect(() => {
    if (session === "out") queryClient.clear();
  }, [session]);
  return (
    <RouterProvider navigate={navigate}>
      {session === "out" ? <Welcome /> : <LoggedIn ended={session === "ended"} />}
      <Toasts />
    </RouterProvider>
  );
}

function LoggedIn({ ended }: { ended: boolean }) {
  useArrival();
  return (
    <Shell>
      <Suspense fallback={<Loading />}>
        <Switch>
          {[...PAGES, ...RECORDS].map(({ path, component }) => (
            <Route key={path} path={path} component={component} />
          ))}
          <Route>
            <Empty title="There is no such page">The address leads nowhere; the pages are in the navigation.</Empty>
          </Route>
        </Switch>
      </Suspense>
      {ended && <SessionEnded />}
    </Shell>
  );
}

/** Over the page, which keeps what was typed. */
function SessionEnded() {
  const before = queryClient.getQueryData(me.queryKey);
  async function goOn() {
    const now = await queryClient.fetchQuery({ ...me, staleTime: 0 });
    if (before && now.user_id !== before.user_id) location.reload();
    await queryClient.invalidateQueries();
  }
  return (
    <Dialog title="Your session has ended" mustAnswer onClose={() => {}}>
      <p className="quiet">Log in to go on where you are. What you typed is still there.</p>
      <LoginForm email={before?.email} onDone={() => void goOn()} />
    </Dialog>
  );
}
