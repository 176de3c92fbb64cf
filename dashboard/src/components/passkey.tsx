/** A button that uses a passkey, where they work. */

import { useMutation } from "@tanstack/react-query";
import { useWhyNoPasskeys } from "../api/passkeys";
import { Button } from "./button";

interface Props {
  name: string;
  /** What uses the passkey. */
  call: () => Promise<void>;
}

export function WithPasskey({ name, call }: Props) {
  const whyNot = useWhyNoPasskeys();
  const using = useMutation({ mutationFn: call });
  if (whyNot !== null) return null;
  return (
    <div className="form">
      <Button isPending={using.isPending} onPress={() => using.mutate()}>
        {name}
      </Button>
      {using.error && (
        <p className="form-error" role="alert">
          {using.error.message}
        </p>
      )}
    </div>
  );
}
