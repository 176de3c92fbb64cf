/** Records that may be the same, side by side. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { duplicates, forgetDifferent, markDifferent, markSame, type Pair } from "../api/inbox";
import { undoTo } from "../api/records";
import { hrefOf, NOUNS } from "../format/records";
import { FIELDS_OF, show } from "../format/versions";
import { Decision, DecisionButton } from "./decision";
import { Waiting } from "./inbox-list";
import { useReading } from "./reading";

const COMPARED: Record<Pair["noun"], string[]> = {
  runs: ["datetime_utc", "distance", "duration", "avg_heart_rate", "type", "shoe_id", "name", "notes", "source"],
  workouts: ["start_ts", "end_ts", "title", "exercise_executions", "cardio_session", "rep_session", "notes", "source"],
  "planned-workouts": [
    "originally_planned_day",
    "title",
    "planned_distance_meters",
    "planned_duration_hours",
    "description",
  ],
};

export function Duplicates({ noun }: { noun: Pair["noun"] }) {
  const many = NOUNS[noun][1].toLowerCase();
  return (
    <Waiting
      title={`Possible duplicates: ${many}`}
      lead="If they are the same, statistics count only the one that is kept. Nothing is deleted."
      asked={useInfiniteQuery(duplicates(noun))}
    >
      {(pair) => <PairItem key={`${pair.one.id} ${pair.keep.id}`} pair={pair} />}
    </Waiting>
  );
}

function PairItem({ pair }: { pair: Pair }) {
  const { noun, one, keep } = pair;
  const reading = useReading();
  const fields = FIELDS_OF[noun];
  const [count, duplicate] = [keep, one] as unknown as Record<string, unknown>[];
  const rows = COMPARED[noun]
    .map((field) => ({
      field,
      label: fields[field]?.[0] ?? field,
      kept: show(fields, field, count?.[field], reading),
      other: show(fields, field, duplicate?.[field], reading),
    }))
    .filter(({ kept, other }) => kept !== "–" || other !== "–");
  const name = NOUNS[noun][0];
  const same = async () => {
    const made = await markSame(pair);
    return { text: "Marked as the same", undo: undoTo(noun, one.id, one.version, made) };
  };
  const different = async () => {
    await markDifferent(noun, one.id, keep.id);
    return {
      text: "Marked as different; they are not suggested again",
      undo: () => forgetDifferent(noun, one.id, keep.id),
    };
  };
  return (
    <Decision
      name={`${name} ${rows[0]?.kept ?? ""}`}
      answers={
        <>
          <DecisionButton by="s" onDecide={same} />
          <DecisionButton by="d" onDecide={different} />
        </>
      }
    >
      <table className="pair">
        <thead>
          <tr>
            <th scope="col">
              <span className="hidden-label">Field</span>
            </th>
            <th scope="col">
              <Link href={hrefOf(noun, keep.id)} className="text-link">
                Kept
              </Link>
            </th>
            <th scope="col">
              <Link href={hrefOf(noun, one.id)} className="text-link">
                The other
              </Link>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ field, label, kept, other }) => (
            <tr key={field} data-differs={kept !== other || undefined}>
              <th scope="row">{label}</th>
              <td>{kept}</td>
              <td>{other}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Decision>
  );
}
