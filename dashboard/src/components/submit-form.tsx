/** A form that is one call of the API; what the server finds wrong with a field shows at the field. */

import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError } from "../api/client";
import { Button } from "./button";
import { FieldsForm } from "./fields-form";

export type Fields = Record<string, string>;

export function useSubmit(call: (fields: Fields) => Promise<void>) {
  const [failure, setFailure] = useState<Error>();
  const [busy, setBusy] = useState(false);
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = Object.fromEntries(new FormData(form)) as Fields;
    setBusy(true);
    setFailure(undefined);
    try {
      await call(fields);
      form.reset();
    } catch (error) {
      setFailure(error as Error);
    } finally {
      setBusy(false);
    }
  }
  const fields = failure instanceof ApiError ? failure.fields : {};
  const forget = () => setFailure(undefined);
  return { submit, forget, busy, fields, failure: failure && Object.keys(fields).length === 0 ? failure : undefined };
}

export function SubmitForm({
  form,
  name,
  look = "primary",
  onCancel,
  children,
}: {
  form: ReturnType<typeof useSubmit>;
  name: string;
  look?: "primary" | "outline" | "danger";
  onCancel?: () => void;
  children: ReactNode;
}) {
  return (
    <FieldsForm onSubmit={form.submit} onInput={form.forget} errors={form.fields}>
      {children}
      {form.failure && (
        <p className="form-error" role="alert">
          {form.failure.message}
        </p>
      )}
      <div className={onCancel ? "row end" : "form-foot"}>
        {onCancel && <Button onPress={onCancel}>Cancel</Button>}
        <Button type="submit" look={look} isPending={form.busy}>
          {name}
        </Button>
      </div>
    </FieldsForm>
  );
}
