/** Runs and workouts that could not be sent to the calendar. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { answer, api } from "../api/client";
import { type FailedSync, failedSyncs, sendAgain } from "../api/inbox";
import { run as runQuery } from "../api/queries";
import { localDay, showDay } from "../format/days";
import { hrefOf, NOUNS } from "../format/records";
import { distance } from "../format/units";
import { usePerson } from "../person";
import { Decision, DecisionButton } from "./decision";
import { Waiting } from "./inbox-list";

export function FailedSyncs({ noun }: { noun: FailedSync["noun"] }) {
  return (
    <Waiting
      title={`Not in the calendar: ${NOUNS[noun][1].toLowerCase()}`}
      lead="Google did not take these. The next sync tries them again; so can you."
      asked={useInfiniteQuery(failedSyncs(noun))}
    >
      {(failed) => <FailedItem key={failed.id} failed={failed} />}
    </Waiting>
  );
}

function useTitle({ noun, id }: FailedSync): string {
  const { units, zone } = usePerson();
  const run = useQuery({ ...runQuery(id), enabled: noun === "runs" }).data;
  const workout = useQuery({
    queryKey: ["workout", id],
    queryFn: () =>
      answer(
        api.GET("/v1/workouts/{workout_id}", {
          params: { path: { workout_id: id }, query: { include_deleted: true } },
        }),
      ),
    enabled: noun === "workouts",
  }).data;
  const parts = run
    ? [run.name ?? "Run", showDay(localDay(run.datetime_utc, zone)), distance(run.distance, units)]
    : workout && [workout.title ?? "Workout", showDay(localDay(workout.start_ts, zone))];
  return parts ? parts.join(" · ") : NOUNS[noun][0];
}

function FailedItem({ failed }: { failed: FailedSync }) {
  const title = useTitle(failed);
  const retry = async () => {
    await sendAgain(failed);
    return { text: "Sent to the calendar" };
  };
  return (
    <Decision name={title} answers={<DecisionButton by="r" onDecide={retry} />}>
      <p className="decision-title">
        <Link href={hrefOf(failed.noun, failed.id)} className="text-link">
          {title}
        </Link>
      </p>
      {failed.error && <p className="small decision-error">{failed.error}</p>}
    </Decision>
  );
}
