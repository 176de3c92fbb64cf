/** How a page looks when there is nothing, not yet anything, or when it failed. */

import { useIsFetching } from "@tanstack/react-query";
import { type ReactNode, useSyncExternalStore } from "react";
import { failureToRenew, renew, subscribeToAnswers } from "../api/queries";
import { Button } from "./button";

export function Empty({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="state">
      <h2>{title}</h2>
      {children && <p className="quiet">{children}</p>}
      {actions && <div className="row">{actions}</div>}
    </div>
  );
}

export function Failure({ error, retry }: { error: Error; retry: () => void }) {
  const offline = !useOnline() || error instanceof TypeError;
  return (
    <div className="state" role="alert">
      <h2>{offline ? "The server cannot be reached" : "This could not be loaded"}</h2>
      <p className="quiet">{offline ? "Nothing is lost. Try again when the connection is back." : error.message}</p>
      <div className="row">
        <Button onPress={retry}>Try again</Button>
      </div>
    </div>
  );
}

/** Lines that stand for what is coming; they show only when it takes its time. */
export function Loading({ lines = 6 }: { lines?: number }) {
  return (
    <div className="loading" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <span key={`line ${String(line)}`} className="loading-line" />
      ))}
    </div>
  );
}

export interface Asked<T> {
  data: T | undefined;
  error: Error | null;
  refetch: () => unknown;
}

interface AnswerProps<T> {
  of: Asked<T>;
  lines?: number;
  /** What stands meanwhile, where lines would be higher or lower than what comes. */
  place?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Several queries as one: what each answered, once all have. */
export function together<T extends unknown[]>(...of: { [Each in keyof T]: Asked<T[Each]> }): Asked<T> {
  const asked = of as Asked<unknown>[];
  return {
    data: asked.every(({ data }) => data !== undefined) ? (asked.map(({ data }) => data) as T) : undefined,
    error: asked.find(({ data, error }) => data === undefined && error)?.error ?? null,
    refetch: () => Promise.all(asked.map(({ refetch }) => refetch())),
  };
}

/** Shows what a query answered, and until then how it stands. */
export function Answer<T>({ of, lines, place, children }: AnswerProps<T>) {
  if (of.data !== undefined) return children(of.data);
  if (of.error) return <Failure error={of.error} retry={of.refetch} />;
  return place ?? <Loading lines={lines} />;
}

function subscribe(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}

export function useOnline(): boolean {
  return useSyncExternalStore(subscribe, () => navigator.onLine);
}

/** Says that something is asked for that is not there yet: what was there before it may stand in its place. */
export function Underway() {
  const asked = useIsFetching({ predicate: ({ state }) => state.data === undefined });
  return asked > 0 && <div className="underway" role="progressbar" aria-label="Loading" />;
}

/** Says that what is on the page may be old, where that is known. */
export function OldBanner() {
  const failure = useSyncExternalStore(subscribeToAnswers, failureToRenew);
  if (!useOnline()) {
    return (
      <p className="banner" role="status">
        You are offline. What is on this page may be old; changes wait until you are back.
      </p>
    );
  }
  if (!failure) return null;
  return (
    <div className="banner row" role="status">
      <span>What is on this page may be old. {failure.message}</span>
      <Button onPress={() => renew()}>Try again</Button>
    </div>
  );
}
