/** Fields in which a provider and the person disagree: both values, and the choice. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { undoOf } from "../api/changes";
import { type Conflict, conflicts } from "../api/inbox";
import { decide } from "../api/records";
import { ago } from "../format/days";
import { hrefOf } from "../format/records";
import { FIELDS_OF, show } from "../format/versions";
import { nameOf, usePerson } from "../person";
import { Decision, DecisionButton } from "./decision";
import { Waiting } from "./inbox-list";
import { useReading } from "./reading";
import { whenOf } from "./records";

export function Conflicts() {
  return (
    <Waiting
      title="Conflicts"
      lead="You changed a field, and a provider did, too. Your value stays until you decide."
      asked={useInfiniteQuery(conflicts)}
    >
      {(conflict) => <ConflictItem key={`${conflict.noun} ${conflict.id} ${conflict.field}`} conflict={conflict} />}
    </Waiting>
  );
}

function ConflictItem({ conflict }: { conflict: Conflict }) {
  const reading = useReading();
  const { user } = usePerson();
  const { noun, id, title, field, yours, theirs, yours_at, yours_by } = conflict;
  const fields = FIELDS_OF[noun];
  const label = fields[field]?.[0] ?? field;
  const removed = field === "deleted_at";
  const recordId = id as string | number;
  const text = (value: unknown) => show(fields, field, value, reading);
  const choose = (take: "mine" | "theirs") => async () => {
    const decided = await decide(noun, recordId, field, take);
    const done = take === "mine" ? `${label}: your value stays` : `${label}: the provider's value is stored`;
    return { text: done, undo: undoOf(decided) };
  };
  return (
    <Decision
      name={`${title}, ${label}`}
      answers={
        <>
          <DecisionButton by="m" onDecide={choose("mine")} />
          <DecisionButton by="t" onDecide={choose("theirs")} />
        </>
      }
    >
      <p className="decision-title">
        <Link href={hrefOf(noun, recordId)} className="text-link">
          {title}
        </Link>{" "}
        <span className="quiet">{[whenOf(conflict, reading.zone), label].filter(Boolean).join(" · ")}</span>
      </p>
      <dl className="sides">
        <div>
          <dt>Yours</dt>
          <dd>{removed ? "It stays" : text(yours)}</dd>
          <dd className="small quiet">
            {[nameOf(yours_by, user), ago(yours_at, reading.zone)].filter(Boolean).join(", ")}
          </dd>
        </div>
        <div>
          <dt>Theirs</dt>
          <dd>{removed ? "It was deleted there" : text(theirs)}</dd>
          <dd className="small quiet">
            {removed ? "Taking theirs deletes it here, too" : "As the provider has it now"}
          </dd>
        </div>
      </dl>
    </Decision>
  );
}
