import type { FormEvent, ReactNode } from "react";
import { Form } from "react-aria-components";

interface Props {
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  /** What the server found wrong, by field. */
  errors?: Record<string, string[]>;
  /** Forgets what the server found wrong: the browser does not send a form with such a field. */
  onInput: () => void;
  children: ReactNode;
}

/** A form that shows at its fields what the server found wrong, until something else is typed. */
export function FieldsForm({ onSubmit, errors, onInput, children }: Props) {
  return (
    <Form onSubmit={onSubmit} validationErrors={errors}>
      <div className="form" onInput={onInput}>
        {children}
      </div>
    </Form>
  );
}
