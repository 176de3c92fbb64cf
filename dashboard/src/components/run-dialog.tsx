/** The form of a run, fetched when it is asked for. */

import { type ComponentProps, Suspense } from "react";
import { late } from "./late";

const Form = late(() => import("./run-form"));

export function RunDialog(props: ComponentProps<typeof Form>) {
  return (
    <Suspense>
      <Form {...props} />
    </Suspense>
  );
}
