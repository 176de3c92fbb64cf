/** What a revert or a rewind would do: its records, what stays and why, and the button that does it. */

import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { preview, type Undone, undoOf } from "../api/changes";
import { afterWrite } from "../api/queries";
import { NOUNS } from "../format/records";
import { counted } from "../format/units";
import { FIELDS_OF } from "../format/versions";
import { usePerson } from "../person";
import { FirstOf } from "./first-of";
import { say } from "./messages";
import { byNoun, PreviewRecords, whenOf } from "./records";
import { Scrolled } from "./scrolled";
import { Answer } from "./states";
import { SubmitForm, useSubmit } from "./submit-form";

interface Props {
  /** What tells this dry run from others. */
  of: unknown[];
  dryRun: (cursor?: string) => Promise<Undone>;
  apply: () => Promise<Undone>;
  /** What the button says, and what is said afterwards. */
  name: string;
  done: string;
  /** An option of the dry run. */
  option?: ReactNode;
  onClose: () => void;
}

export default function UndoPreview({ of, dryRun, apply, name, done, option, onClose }: Props) {
  const asked = useInfiniteQuery(preview(of, dryRun));
  const form = useSubmit(async () => {
    const outcome = await apply();
    await afterWrite();
    say(done, undoOf(outcome));
    onClose();
  });
  const first = asked.data?.pages[0];
  const records = byNoun(asked.data?.pages);
  // More of the records change nothing about what would be done.
  const isDisabled = !first || (asked.isFetching && !asked.isFetchingNextPage) || first.reverted === 0;
  return (
    <SubmitForm form={form} name={name} onCancel={onClose} isDisabled={isDisabled}>
      <Answer of={{ ...asked, data: first }} lines={5}>
        {(outcome) => (
          <>
            <p>
              <b>{counted(outcome.reverted, "record")}</b> would change
              {records && ` (${records})`}
              {outcome.kept > 0 && (
                <>
                  , <b>{outcome.kept}</b> would stay in part or whole
                </>
              )}
              . <span className="quiet">Nothing changes until you confirm it.</span>
            </p>
            {outcome.reverted > 0 && <PreviewRecords asked={asked} empty="No record changes." />}
            <Kept outcome={outcome} />
          </>
        )}
      </Answer>
      {option}
    </SubmitForm>
  );
}

function Kept({ outcome: { problems, kept } }: { outcome: Undone }) {
  const { zone } = usePerson();
  if (problems.length === 0) return null;
  return (
    <section>
      <h3>What stays, and why</h3>
      <FirstOf shown={problems.length} all={kept} />
      <Scrolled name="What stays, and why">
        <ul className="kept">
          {problems.map(({ noun, id, title, occurred_at, fields, detail }) => (
            <li key={`${noun} ${id}`}>
              <b>{title}</b>{" "}
              <span className="small quiet">
                {[NOUNS[noun][0], whenOf({ occurred_at }, zone)].filter(Boolean).join(" · ")}
              </span>
              <br />
              {fields.length > 0 && `${fields.map((field) => FIELDS_OF[noun][field]?.[0] ?? field).join(", ")}: `}
              <span className="small quiet">{detail}</span>
            </li>
          ))}
        </ul>
      </Scrolled>
    </section>
  );
}
