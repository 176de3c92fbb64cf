/** A file on its way in: recognised by the server, previewed without any change, then applied as one change that can be reverted. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { preview, undoOf } from "../api/changes";
import { ApiError, answer, api, type Schemas } from "../api/client";
import { afterWrite, inDoubt } from "../api/queries";
import { answerInWords, type Mapping } from "../format/mapping";
import { importInWords } from "../format/records";
import { number } from "../format/units";
import { usePerson } from "../person";
import { Button } from "./button";
import { Columns } from "./columns";
import { Dialog } from "./dialog";
import { TimeZoneField } from "./field";
import { FirstOf } from "./first-of";
import { AnswerLine, ChoiceQuestion, OutcomeFigures } from "./import-parts";
import { say } from "./messages";
import { byNoun, PreviewRecords } from "./records";
import { Scrolled } from "./scrolled";
import { Failure, Loading } from "./states";
import { SubmitForm, useSubmit } from "./submit-form";
import { useUnsaved } from "./unsaved";

type Report = Schemas["ImportReport"];

/** What a person says of a file: zone of times, units of weights and distances, columns as JSON; "" where it is not known. */
interface Answers {
  timezone: string;
  weight_unit: string;
  distance_unit: string;
  mapping: string;
}

function upload(file: File, answers: Answers, query: { dry_run: boolean; cursor?: string }): Promise<Report> {
  const form = new FormData();
  form.append("file", file);
  for (const [field, value] of Object.entries(answers)) if (value) form.append(field, value);
  return answer(
    api.POST("/v1/imports", {
      params: { query },
      body: form as never,
      bodySerializer: (body: unknown) => body as FormData,
    }),
  ) as Promise<Report>;
}

interface Props {
  file: File;
  onClose: () => void;
}

export default function ImportDialog(props: Props) {
  return (
    <Dialog title={`Import ${props.file.name}`} onClose={props.onClose} wide>
      <Importing {...props} />
    </Dialog>
  );
}

function Importing({ file, onClose }: Props) {
  const { user } = usePerson();
  const [before] = useState<Answers>({
    timezone: user?.time_zone ?? "",
    weight_unit: "",
    distance_unit: "",
    mapping: "",
  });
  const [answers, setAnswers] = useState(before);
  useUnsaved(() => answers !== before);
  const [asked, setAsked] = useState(false);
  const [said, setSaid] = useState<Mapping>();
  const answerWith = (field: string, value: string) => setAnswers({ ...answers, [field]: value });
  return (
    <>
      <TimeZoneField
        value={answers.timezone}
        hint="Where the local times in the file are; a file that names its own zone is read in that."
        none="Not known"
        onChange={(timezone) => {
          setAnswers({ ...answers, timezone });
          setAsked(false);
        }}
      />
      {said && answers.mapping && (
        // The button that was pressed before is gone.
        <AnswerLine
          words={answerInWords("mapping", said)}
          action="Change columns"
          onPress={() => answerWith("mapping", "")}
          autoFocus
        />
      )}
      {asked ? (
        <Preview
          file={file}
          answers={answers}
          said={said}
          onAnswer={answerWith}
          onColumns={(mapping) => {
            setSaid(mapping);
            answerWith("mapping", JSON.stringify(mapping));
          }}
          onClose={onClose}
        />
      ) : (
        <div className="row end">
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" onPress={() => setAsked(true)}>
            Preview
          </Button>
        </div>
      )}
    </>
  );
}

interface Answering {
  /** The columns that were said before. */
  said?: Mapping;
  onAnswer: (field: string, value: string) => void;
  onColumns: (mapping: Mapping) => void;
  onClose: () => void;
}

function Preview({ file, answers, ...answering }: Answering & { file: File; answers: Answers }) {
  const { onClose } = answering;
  const asked = useInfiniteQuery(
    preview(["import", ...Object.values(answers), file.name, file.size, file.lastModified], (cursor) =>
      upload(file, answers, { dry_run: true, cursor }),
    ),
  );
  const form = useSubmit(async () => {
    const report = await upload(file, answers, { dry_run: false }).catch(inDoubt);
    await afterWrite();
    say(`${file.name} imported: ${importInWords(report)}`, undoOf(report));
    onClose();
  });
  if (asked.error instanceof ApiError && asked.error.status < 500) {
    return <Unreadable why={asked.error.message} onClose={onClose} />;
  }
  if (asked.error && !asked.data) return <Failure error={asked.error} retry={asked.refetch} />;
  const report = asked.data?.pages[0];
  if (!report) return <Loading lines={4} />;
  if (report.questions.length > 0) return <Questions report={report} {...answering} />;
  const changing = report.created + report.updated + report.deleted;
  return (
    <SubmitForm form={form} name="Apply" onCancel={onClose} isDisabled={changing === 0}>
      <ReportView report={report} />
      {changing > 0 && (
        <section>
          <h3>What would change</h3>
          <p className="small quiet">
            {byNoun(asked.data?.pages) ?? "The records of the file, and the shoes and exercises that they name"}. A
            revert takes all of them back.
          </p>
          <PreviewRecords asked={asked} empty="Nothing changes." />
        </section>
      )}
    </SubmitForm>
  );
}

/** The same file again would change nothing. */
function Unreadable({ why, onClose }: { why: string; onClose: () => void }) {
  return (
    <>
      <div role="alert">
        <h3>This file cannot be imported</h3>
        <p className="form-error">{why}</p>
        <p className="quiet">
          What can be: FIT, GPX and TCX files, and exports of Strava, MapMyFitness, Hevy, Strong, FitNotes, Fitbod,
          StrongLifts, Runkeeper, Polar, Google Fit and TrainingPeaks, and tables (CSV) with a date, and a distance or a
          time, in each row. Nothing is changed.
        </p>
      </div>
      <div className="row end">
        <Button onPress={onClose}>Close</Button>
      </div>
    </>
  );
}

/** What must be known before the file can be read; questions without choices are answered by the fields above. */
function Questions({ report: { questions }, said, onAnswer, onColumns, onClose }: Answering & { report: Report }) {
  return questions.map(({ field, detail, choices, examples, mapping, ...columns }) =>
    mapping ? (
      <Columns
        key={field}
        proposal={{ mapping, examples, ...columns }}
        said={said}
        onPreview={onColumns}
        more={<Button onPress={onClose}>Cancel</Button>}
      />
    ) : choices.length === 0 ? (
      <p key={field} className="notice" role="alert">
        {detail}. Choose it above and preview again.
      </p>
    ) : (
      <ChoiceQuestion key={field} question={{ choices, examples }} onChoose={(choice) => onAnswer(field, choice)}>
        {detail}
      </ChoiceQuestion>
    ),
  );
}

function ReportView({ report }: { report: Report }) {
  const sources = [...new Set(report.files.map(({ source }) => source))].join(", ");
  return (
    <div className="report">
      <p>
        A file of <b>{sources}</b>
        {report.time_zone && `, its times read as those of ${report.time_zone.replaceAll("_", " ")}`}.{" "}
        <span className="quiet">Nothing changes until you apply it. This is what it would do:</span>
      </p>
      <OutcomeFigures of={report} where="in the file" />
      <Skipped report={report} />
      <Rows title="Rows that cannot be read" what="What is wrong" rows={report.problems} all={report.failed} />
      <Rows title="Rows that were not read as they stand" what="What was read how" rows={report.remarks} />
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

/** As many rows as a report names of a kind. */
const MOST = 1000;

interface RowsProps {
  title: string;
  what: string;
  rows: { row: number | null; detail: string }[];
  /** How many there are, where the report says so. */
  all?: number;
}

function Rows({ title, what, rows, all }: RowsProps) {
  if (rows.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      {all !== undefined && <FirstOf shown={rows.length} all={all} />}
      {all === undefined && rows.length >= MOST && <p className="small quiet">The first {number(MOST, 0)}.</p>}
      <Scrolled name={title}>
        <table className="plain-table">
          <thead>
            <tr>
              <th className="number">Row</th>
              <th>{what}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ row, detail }) => (
              <tr key={`${row} ${detail}`}>
                <td className="number">{row}</td>
                <td>{detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
    </section>
  );
}
