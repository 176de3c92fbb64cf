/** A file on its way in: recognised, previewed without any change, then applied as one change that can be reverted. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { DropZone, Text } from "react-aria-components";
import { answer, api, type Schemas } from "../api/client";
import { afterWrite } from "../api/queries";
import { counted } from "../format/units";
import { usePerson } from "../person";
import { Button } from "./button";
import { revert } from "./changesets";
import { Dialog } from "./dialog";
import { TimeZoneField } from "./field";
import { say, sayFailure } from "./messages";
import { recognise, SOURCES, type Source } from "./recognise";
import { SelectField } from "./select-field";
import { Failure, Loading } from "./states";

type Report = Schemas["ImportReport"];

const PATHS = {
  mmf: "/v1/mmf/upload-csv",
  strava: "/v1/strava/upload-csv",
  hevy: "/v1/hevy/upload-csv",
  plan: "/v1/planned-workouts/import",
} as const;

const HEADING_BYTES = 4096;

export function FileDrop({ onFile }: { onFile: (file: File) => void }) {
  return (
    <DropZone
      className="file-drop"
      onDrop={({ items }) => {
        const dropped = items.find((item) => item.kind === "file");
        if (dropped?.kind === "file") void dropped.getFile().then(onFile);
      }}
    >
      <Text slot="label">
        Drop an export of Strava, MapMyFitness, Hevy or TrainingPeaks here. You see what it would change before it does.
      </Text>
    </DropZone>
  );
}

function upload(source: Source, file: File, timezone: string, dry_run: boolean): Promise<Report> {
  const form = new FormData();
  form.append("file", file);
  form.append("timezone", timezone);
  return answer(
    api.POST(PATHS[source], {
      params: { query: { dry_run } },
      body: form as never,
      bodySerializer: (body: unknown) => body as FormData,
    }),
  );
}

export function ImportDialog({ file, onClose }: { file: File; onClose: () => void }) {
  const person = usePerson();
  const [chosen, setChosen] = useState<Source>();
  const [zone, setZone] = useState(person.zone);
  const recognised = useQuery({
    queryKey: ["heading", file.name, file.size, file.lastModified],
    queryFn: async () => recognise(await file.slice(0, HEADING_BYTES).text()),
    staleTime: 0,
  });
  const source = chosen ?? recognised.data ?? undefined;
  const [asked, setAsked] = useState(false);
  const options = [["", "Choose …"], ...Object.entries(SOURCES)] as [string, string][];
  return (
    <Dialog title={`Import ${file.name}`} onClose={onClose} wide>
      <div className="form-pair">
        <SelectField
          label="What it is"
          options={options}
          value={source ?? ""}
          onChange={(next) => {
            setChosen(next as Source);
            setAsked(false);
          }}
          hint={recognised.data === null ? "Its first line is of none that is known." : undefined}
        />
        <TimeZoneField
          value={zone}
          hint="Where its local days and times are."
          onChange={(next) => {
            setZone(next);
            setAsked(false);
          }}
        />
      </div>
      {asked && source ? (
        <Preview source={source} file={file} zone={zone} onClose={onClose} />
      ) : (
        <div className="row end">
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" isDisabled={!source} onPress={() => setAsked(true)}>
            Preview
          </Button>
        </div>
      )}
    </Dialog>
  );
}

function Preview({ source, file, zone, onClose }: { source: Source; file: File; zone: string; onClose: () => void }) {
  const preview = useQuery({
    queryKey: ["preview", source, zone, file.name, file.size, file.lastModified],
    queryFn: () => upload(source, file, zone, true),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const [busy, setBusy] = useState(false);
  async function apply() {
    setBusy(true);
    try {
      const report = await upload(source, file, zone, false);
      await afterWrite();
      const changeset = report.changeset_id;
      say(
        `${file.name} imported: ${counted(report.created, "record")} added`,
        changeset ? () => revert(changeset) : undefined,
      );
      onClose();
    } catch (error) {
      sayFailure(error);
      setBusy(false);
    }
  }
  if (preview.error) return <Failure error={preview.error} retry={preview.refetch} />;
  if (!preview.data) return <Loading lines={4} />;
  const changing = preview.data.created + preview.data.updated + preview.data.deleted;
  return (
    <>
      <ReportView report={preview.data} />
      <div className="row end">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" isPending={busy} isDisabled={changing === 0} onPress={() => void apply()}>
          Apply
        </Button>
      </div>
    </>
  );
}

const COUNTS = [
  ["found", "in the file"],
  ["created", "to be added"],
  ["updated", "to be changed"],
  ["unchanged", "already here"],
  ["kept", "kept as you set them"],
  ["skipped", "skipped"],
  ["failed", "unreadable"],
] as const;

function ReportView({ report }: { report: Report }) {
  return (
    <div className="report">
      <p className="quiet">Nothing is changed yet. This is what the file would do:</p>
      <dl className="figures">
        {COUNTS.filter(([name]) => report[name] > 0 || name === "found" || name === "created").map(([name, word]) => (
          <div key={name} data-count={name}>
            <dt>{word}</dt>
            <dd>{report[name]}</dd>
          </div>
        ))}
      </dl>
      <Skipped report={report} />
      <Problems report={report} />
    </div>
  );
}

function Skipped({ report }: { report: Report }) {
  const reasons = Object.entries(report.skipped_why);
  if (reasons.length === 0) return null;
  return (
    <section>
      <h3>Skipped</h3>
      <ul className="small quiet">
        {reasons.map(([why, count]) => (
          <li key={why}>
            {count} × {why}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Problems({ report }: { report: Report }) {
  if (report.problems.length === 0) return null;
  return (
    <section>
      <h3>Rows that cannot be read</h3>
      <div className="problems">
        <table className="plain-table">
          <thead>
            <tr>
              <th className="number">Row</th>
              <th>What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {report.problems.map(({ row, detail }) => (
              <tr key={`${row} ${detail}`}>
                <td className="number">{row}</td>
                <td>{detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
