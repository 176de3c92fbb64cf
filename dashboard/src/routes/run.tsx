/** One run: its facts, and beside them how they came to be. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "wouter";
import { ApiError, type Schemas } from "../api/client";
import { allItems, run as runQuery } from "../api/queries";
import { blame, type Origin } from "../api/records";
import { Alike, useYearOfRuns } from "../components/alike";
import { Fact, originsOf } from "../components/blame";
import { Button } from "../components/button";
import { useKeys } from "../components/keys";
import { Laps, Measured } from "../components/measured";
import { PageFrame, RecordPage } from "../components/page";
import { useReading } from "../components/reading";
import { HistoryButton, RecordSide, useLeaving } from "../components/record";
import { DeletedNotice } from "../components/record-history";
import { RunDialog } from "../components/run-dialog";
import { remove } from "../components/trash";
import { clockThere, localDay, showDay } from "../format/days";
import { hrefOf } from "../format/records";
import { distance, duration, METRES_PER_MILE, number, pace } from "../format/units";
import { RUN_FIELDS, show } from "../format/versions";
import { usePerson } from "../person";
import "../styles/history.css";

type Run = Schemas["Run"];

export default function RunPage() {
  const { id = "" } = useParams();
  const asked = useQuery(runQuery(decodeURIComponent(id)));
  if (asked.error instanceof ApiError && asked.error.status === 404) {
    return <PageFrame title="There is no such run" lead="It may belong to another account, or never have been here." />;
  }
  return (
    <RecordPage title="Run" of={asked}>
      {(run) => <RunRecord run={run} />}
    </RecordPage>
  );
}

function RunRecord({ run }: { run: Run }) {
  const { units, zone } = usePerson();
  const leave = useLeaving();
  const [editing, setEditing] = useState(false);
  const origins = useQuery(blame("runs", run.id, run.version)).data?.fields;
  const trimp = allItems(useYearOfRuns(run).data).find(({ id }) => id === run.id)?.trimp;
  const originOf = (field: string) => originsOf(origins, { [field]: RUN_FIELDS[field]?.[0] ?? field });
  useKeys({ e: () => run.deleted_at || setEditing(true) });
  const title = run.name ?? (run.type === "Treadmill Run" ? "Treadmill run" : "Run");
  return (
    <PageFrame
      title={title}
      lead={showDay(localDay(run.datetime_utc, zone), "long")}
      actions={
        !run.deleted_at && (
          <>
            <Button look="danger" onPress={() => leave(remove("runs", run, "Run"), "/log")}>
              Delete
            </Button>
            <HistoryButton />
            <Button look="primary" onPress={() => setEditing(true)}>
              Edit
            </Button>
          </>
        )
      }
    >
      <DeletedNotice at={run.deleted_at} />
      <RunNotices run={run} />
      <div className="record" data-kind="run">
        <div className="panels">
          <section className="panel" aria-label="Facts">
            <dl className="record-figures">
              <Fact name="Distance" value={distance(run.distance, units)} origins={originOf("distance")} />
              <Fact name="Duration" value={duration(run.duration)} origins={originOf("duration")} />
              <Fact name="Pace" value={pace(run.duration, run.distance, units)} />
              <Fact
                name="Heart rate"
                value={run.avg_heart_rate ? `${Math.round(run.avg_heart_rate)} bpm` : "–"}
                origins={originOf("avg_heart_rate")}
              />
              {run.avg_heart_rate && <Fact name="TRIMP" value={trimp ? number(trimp, 0) : "–"} />}
            </dl>
            <Facts run={run} originOf={originOf} />
          </section>
          {run.points_id === null ? (
            <Laps noun="runs" id={run.id} />
          ) : (
            <Measured
              noun="runs"
              id={run.id}
              points_id={run.points_id}
              metres={run.distance * METRES_PER_MILE}
              outdoors={run.type !== "Treadmill Run"}
              beats={run.avg_heart_rate !== null}
            />
          )}
        </div>
        <RecordSide noun="runs" record={run} start={run.datetime_utc} />
        {/* It comes later than the others, and moves nothing at the end. */}
        <Alike run={run} />
      </div>
      {editing && <RunDialog run={run} onClose={() => setEditing(false)} />}
    </PageFrame>
  );
}

function RunNotices({ run }: { run: Run }) {
  const reading = useReading();
  return (
    <>
      {run.duplicate_of && (
        <p className="notice">
          Not counted: it is the same run as{" "}
          <Link href={hrefOf("runs", run.duplicate_of)} className="text-link">
            this one
          </Link>
          .
        </p>
      )}
      {Object.entries(run.conflicts ?? {}).map(([field, value]) => (
        <p key={field} className="notice">
          {run.source} says {RUN_FIELDS[field]?.[0].toLowerCase() ?? field} {show(RUN_FIELDS, field, value, reading)}.{" "}
          <Link href="/inbox" className="text-link">
            Decide in the inbox
          </Link>
        </p>
      ))}
    </>
  );
}

/** What only a device says, and not each. */
const MEASURED = [
  "elapsed",
  "ascent",
  "max_heart_rate",
  "calories",
  "avg_cadence",
  "avg_power",
  "temperature",
  "device",
] as const;

function Facts({ run, originOf }: { run: Run; originOf: (field: string) => Record<string, Origin> }) {
  const reading = useReading();
  const there = run.time_zone && clockThere(run.datetime_utc, run.time_zone.name, reading.zone);
  const paused = Math.round(run.elapsed ?? 0) > Math.round(run.duration);
  const known = MEASURED.filter((field) => run[field] !== null && (field !== "elapsed" || paused));
  const zone = run.time_zone ? (["time_zone"] as const) : [];
  const facts = ["datetime_utc", ...zone, "type", "shoe_id", "notes", ...known, "source"] as const;
  return (
    <dl className="facts">
      {facts.map((field) => (
        <Fact
          key={field}
          name={RUN_FIELDS[field]?.[0] ?? field}
          value={show(RUN_FIELDS, field, run[field], reading)}
          origins={originOf(field)}
          more={field === "datetime_utc" ? there : null}
        />
      ))}
      <div>
        <dt>Id</dt>
        <dd className="quiet">{run.id}</dd>
      </div>
    </dl>
  );
}
