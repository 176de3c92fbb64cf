/** The form of a run, fetched when it is asked for. */

import { type ComponentProps, lazy, Suspense } from "react";

const Form = lazy(() => import("./run-form"));

export function RunDialog(props: ComponentProps<typeof Form>) {
  return (
    <Suspense>
      <Form {...props} />
    </Suspense>
  );
}
