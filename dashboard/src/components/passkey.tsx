/** A button that uses a passkey, where they work. */

import { useWhyNoPasskeys } from "../api/passkeys";
import { SubmitForm, useSubmit } from "./submit-form";

interface Props {
  name: string;
  /** What uses the passkey. */
  call: () => Promise<void>;
}

export function WithPasskey({ name, call }: Props) {
  const whyNot = useWhyNoPasskeys();
  const form = useSubmit(call);
  if (whyNot !== null) return null;
  return (
    <SubmitForm form={form} name={name} look="outline">
      {null}
    </SubmitForm>
  );
}
