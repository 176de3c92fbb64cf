/** A form that is one call of the API; what the server finds wrong with a field shows at the field. */

import { type FormEvent, type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Form } from "react-aria-components";
import { ApiError, asksForCode } from "../api/client";
import { afterWrite } from "../api/queries";
import { sessionState, subscribe } from "../api/session";
import type { Typed } from "../format/typed";
import { Button } from "./button";
import { isChangedElsewhere } from "./messages";
import { useUnsavedForm } from "./unsaved";

export type Fields = Record<string, string>;

export const REASON = "Why you change it, for the history. May stay empty.";

/** What was typed into a field; null for nothing. */
export function textOf(fields: Fields, name: string): string | null {
  return (fields[name] ?? "").trim() || null;
}

/** A figure as a field showed it before anything was typed: one that was left alone stays exactly as it is. */
interface Left {
  shown: string;
  value: number | null;
}

/** Reads the figures of a form; what cannot be read is an error at its field. */
export function figuresOf(fields: Fields) {
  const errors: Record<string, string[]> = {};
  function read(name: string, how: (text: string) => Typed, left?: Left): number | null {
    const text = textOf(fields, name);
    if (text === null) return null;
    if (text === left?.shown) return left.value;
    const typed = how(text);
    if (typeof typed === "number") return typed;
    errors[name] = [typed];
    return null;
  }
  /** The figure of a field that is not to be empty; blanks alone are an error. */
  function need(name: string, how: (text: string) => Typed, left?: Left): number {
    const found = read(name, how, left);
    if (found === null) errors[name] ??= [String(how(""))];
    return found ?? 0;
  }
  /** Throws ApiError, if there is an error. */
  function check(): void {
    if (Object.keys(errors).length > 0) throw new ApiError(422, "Some fields cannot be read", errors);
  }
  return { read, need, check };
}

function isLoggedOut(error: Error | undefined): boolean {
  return error instanceof ApiError && error.status === 401;
}

export function useSubmit(call: (fields: Fields) => Promise<void>) {
  const [failure, setFailure] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState(0);
  // A second Enter may come before the page shows the first.
  const going = useRef(false);
  const isOld = useRef(false);
  useEffect(
    () => () => {
      // Not before: with the record, the form and what was typed could go.
      if (isOld.current) void afterWrite();
    },
    [],
  );
  const session = useSyncExternalStore(subscribe, sessionState);
  useEffect(() => {
    // Who has logged in again can send it.
    if (session === "in") setFailure((known) => (isLoggedOut(known) ? undefined : known));
  }, [session]);
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (going.current) return;
    going.current = true;
    const form = event.currentTarget;
    const fields = Object.fromEntries(new FormData(form)) as Fields;
    setBusy(true);
    setFailure(undefined);
    try {
      await call(fields);
      form.reset();
      setSent((times) => times + 1);
    } catch (error) {
      isOld.current ||= isChangedElsewhere(error);
      // The form then shows the field for the code.
      if (!asksForCode(error)) setFailure(error as Error);
    } finally {
      going.current = false;
      setBusy(false);
    }
  }
  const fields = failure instanceof ApiError ? failure.fields : {};
  const forget = () => setFailure(undefined);
  return {
    submit,
    forget,
    busy,
    sent,
    fields,
    failure: failure && Object.keys(fields).length === 0 ? failure : undefined,
  };
}

export function SubmitForm({
  form,
  name,
  look = "primary",
  onCancel,
  isDisabled,
  more,
  children,
}: {
  form: ReturnType<typeof useSubmit>;
  name: string;
  look?: "primary" | "outline" | "danger";
  onCancel?: () => void;
  /** Whether there is nothing to send yet. */
  isDisabled?: boolean;
  /** What stands before the buttons. */
  more?: ReactNode;
  children: ReactNode;
}) {
  const ref = useRef<HTMLFormElement>(null);
  useUnsavedForm(ref, form.sent);
  return (
    <Form ref={ref} onSubmit={form.submit} validationErrors={form.fields}>
      {/* The browser does not send a form with a field that the server refused, until something else is typed. */}
      <div className="form" onInput={form.forget}>
        {children}
        {form.failure && (
          <p className="form-error" role="alert">
            {form.failure.message}
          </p>
        )}
        <div className={onCancel ? "row end" : "form-foot"}>
          {more}
          {onCancel && <Button onPress={onCancel}>Cancel</Button>}
          <Button type="submit" look={look} isPending={form.busy} isDisabled={isDisabled}>
            {name}
          </Button>
        </div>
      </div>
    </Form>
  );
}
