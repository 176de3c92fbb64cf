/** Several files on their way in: sent, previewed without any change, then applied as one change that can be reverted. */

import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { undoOf } from "../api/changes";
import {
  answerDrop,
  beginDrop,
  type Drop,
  type DropFile,
  type DropQuestion,
  finishDrop,
  giveUpDrop,
  type LoadedDrop,
  type Picked,
  sendFile,
} from "../api/drops";
import { afterWrite } from "../api/queries";
import { type Mapping, tableName } from "../format/mapping";
import { importInWords } from "../format/records";
import { counted } from "../format/units";
import { Button } from "./button";
import { Columns, ColumnsSaid } from "./columns";
import { Dialog } from "./dialog";
import { TimeZoneField } from "./field";
import { say, sayFailure } from "./messages";
import { chosenOf } from "./picking";
import { Records } from "./records";
import { Failure } from "./states";
import { SubmitForm, useSubmit } from "./submit-form";
import "../styles/changes.css";

const ONCE = { staleTime: Number.POSITIVE_INFINITY, gcTime: 0, retry: false } as const;

export default function DropDialog({ picked, onClose }: { picked: Picked[]; onClose: () => void }) {
  const [sent, setSent] = useState<Sent>();
  const id = useId();
  const asked = useQuery({
    ...ONCE,
    queryKey: ["drop", id],
    queryFn: ({ signal }) => sendAll(picked, signal, setSent),
  });
  const drop = asked.data;
  function cancel() {
    if (drop) void giveUpDrop(drop.import_id);
    onClose();
  }
  return (
    <Dialog title={`Import ${counted(picked.length, "file")}`} onClose={cancel} wide>
      {asked.error && <Failure error={asked.error} retry={asked.refetch} />}
      {!drop && !asked.error && (
        <Progress words={sent ? "Sending files" : "Looking at the files"} {...sent} onCancel={cancel} />
      )}
      {drop && <Preview drop={drop} onCancel={cancel} onClose={onClose} />}
    </Dialog>
  );
}

interface Sent {
  done: number;
  of: number;
}

/** Sends the files, one after the other; an import that is closed meanwhile is given up. */
async function sendAll(picked: Picked[], signal: AbortSignal, onSent: (sent: Sent) => void): Promise<Drop> {
  const chosen = await chosenOf(picked, signal);
  const drop = await beginDrop();
  try {
    for (const [index, one] of chosen.entries()) {
      signal.throwIfAborted();
      onSent({ done: index, of: chosen.length });
      await sendFile(drop, one, signal);
    }
  } catch (error) {
    void giveUpDrop(drop.import_id);
    throw error;
  }
  return drop;
}

function Progress({ words, done, of, onCancel }: { words: string; done?: number; of?: number; onCancel?: () => void }) {
  return (
    <>
      <div role="status">
        <p>
          {words}
          {of !== undefined && <span className="quiet"> · {`${done} of ${of}`}</span>}
        </p>
        <progress className="drop-progress" aria-label={words} value={done} max={of} />
      </div>
      {onCancel && (
        <div className="row end">
          <Button onPress={onCancel}>Cancel</Button>
        </div>
      )}
    </>
  );
}

/** A table with columns of its own, and what was said of them; while that is corrected, it is open. */
interface Table {
  question: DropQuestion;
  said: Mapping;
  isOpen: boolean;
}

function Preview({ drop, onCancel, onClose }: { drop: Drop; onCancel: () => void; onClose: () => void }) {
  const { import_id } = drop;
  const [answers, setAnswers] = useState(0);
  const [found, setFound] = useState(0);
  const [tables, setTables] = useState<Table[]>([]);
  const tried = useQuery({
    ...ONCE,
    queryKey: ["drop", import_id, answers],
    queryFn: () => finishDrop(import_id, true, setFound),
  });
  const form = useSubmit(async () => {
    // Only now the columns are sure: they are remembered for later tables with these headings.
    for (const { question, said } of tables) await answerDrop(import_id, question, said, true);
    const done = await finishDrop(import_id, false, setFound);
    await afterWrite();
    if (done.state !== "done") void giveUpDrop(import_id);
    const loaded = done.files.filter(({ state }) => state === "loaded");
    say(`${counted(loaded.length, "file")} imported: ${importInWords(done)}`, undoOf(done));
    onClose();
  });
  async function reply(question: DropQuestion, value: unknown) {
    const isTable = question.mapping !== null;
    try {
      await answerDrop(import_id, question, value, !isTable);
      if (isTable) {
        const others = tables.filter((one) => one.question !== question);
        setTables([...others, { question, said: value as Mapping, isOpen: false }]);
      }
      setAnswers(answers + 1);
    } catch (error) {
      sayFailure(error);
    }
  }
  if (tried.error) return <Failure error={tried.error} retry={tried.refetch} />;
  if (!tried.data) return <Progress words={`Reading: ${counted(found, "record")} so far`} onCancel={onCancel} />;
  if (form.busy) return <Progress words={`Importing: ${counted(found, "record")} so far`} />;
  const changing = tried.data.created + tried.data.updated + tried.data.deleted;
  const asked = tried.data.questions.filter(({ mapping }) => mapping);
  return (
    <>
      {tables.map((table) => (
        <TableColumns
          key={keyOf(table.question)}
          {...table}
          onAnswer={reply}
          onChange={() => setTables(tables.map((one) => (one === table ? { ...table, isOpen: true } : one)))}
        />
      ))}
      {asked.map((question) => (
        <TableColumns key={keyOf(question)} question={question} isOpen onAnswer={reply} />
      ))}
      <SubmitForm
        form={form}
        name="Apply"
        onCancel={onCancel}
        isDisabled={changing === 0 || tables.some(({ isOpen }) => isOpen)}
      >
        {tried.data.questions
          .filter(({ mapping }) => !mapping)
          .map((question) => (
            <Question key={keyOf(question)} question={question} onAnswer={reply} />
          ))}
        <Tried drop={tried.data} />
      </SubmitForm>
    </>
  );
}

function keyOf({ kind, field, headings }: DropQuestion): string {
  return [kind, field, ...headings].join("\n");
}

/** What the columns of tables with the same headings are: the form for it, or what was said. */
function TableColumns({
  question,
  said,
  isOpen,
  onAnswer,
  onChange,
}: Partial<Table> & {
  question: DropQuestion;
  onAnswer: (question: DropQuestion, mapping: Mapping) => void;
  onChange?: () => void;
}) {
  const { mapping, files } = question;
  if (!mapping) return null;
  return (
    <div className="table-columns">
      <p>
        <b>{`Table with ${tableName(question)}`}</b> <span className="quiet">· {counted(files, "file")}</span>
      </p>
      {said && !isOpen && onChange ? (
        <ColumnsSaid mapping={said} onChange={onChange} />
      ) : (
        <Columns proposal={{ ...question, mapping }} said={said} onPreview={(mapping) => onAnswer(question, mapping)} />
      )}
    </div>
  );
}

/** What must be known before the files of a kind can be read; the other files do not wait for it. */
function Question({
  question,
  onAnswer,
}: {
  question: DropQuestion;
  onAnswer: (question: DropQuestion, value: unknown) => void;
}) {
  const { kind, files, detail, choices, examples } = question;
  return (
    <div className="notice" role="alert">
      <p>
        <b>{`${kind}, ${counted(files, "file")}.`}</b> {detail}
      </p>
      <ul>
        {examples.map((example) => (
          <li key={example}>{example}</li>
        ))}
      </ul>
      {choices.length === 0 ? (
        <TimeZoneField value="" none="Not known" onChange={(zone) => onAnswer(question, zone)} />
      ) : (
        <div className="row">
          {choices.map((choice) => (
            <Button key={choice} onPress={() => onAnswer(question, choice)}>
              {choice}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

function Tried({ drop }: { drop: LoadedDrop }) {
  const records = drop.records?.items ?? [];
  return (
    <div className="report">
      <p className="quiet">Nothing is changed yet. This is what the files would do:</p>
      {drop.files.some(({ state }) => state === "asked") && (
        <p className="small quiet">Apply leaves out the files that wait for your answer.</p>
      )}
      <dl className="figures">
        {COUNTS.filter(([name]) => drop[name] > 0 || name === "found" || name === "created").map(([name, word]) => (
          <div key={name} data-count={name}>
            <dt>{word}</dt>
            <dd>{drop[name]}</dd>
          </div>
        ))}
      </dl>
      <Files files={drop.files} />
      {records.length > 0 && (
        <section>
          <h3>What would change</h3>
          <Records records={records} isLoading={false} leads={false} empty="Nothing changes." />
        </section>
      )}
    </div>
  );
}

const COUNTS = [
  ["found", "in the files"],
  ["created", "to be added"],
  ["updated", "to be changed"],
  ["unchanged", "already here"],
  ["kept", "kept as you set them"],
  ["skipped", "skipped"],
  ["failed", "unreadable"],
] as const;

/** A line for each file, first those that are left out. */
function Files({ files }: { files: DropFile[] }) {
  const order = { refused: 0, asked: 1, incomplete: 2, waiting: 3, loaded: 3 };
  const sorted = files.toSorted((one, other) => order[one.state] - order[other.state]);
  return (
    <section>
      <h3>Files</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keys scroll it */}
      <section className="problems" aria-label="Files" tabIndex={0}>
        <table className="plain-table drop-files">
          <thead>
            <tr>
              <th>File</th>
              <th>What comes of it</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((file, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two files may have one name
              <tr key={index} data-state={file.state}>
                <td>{file.name}</td>
                <td>{wordsOf(file)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function wordsOf(file: DropFile): string {
  if (file.detail) return file.detail;
  if (file.state === "asked") return `${file.kind}: waits for your answer`;
  const parts = COUNTS.slice(1).flatMap(([name, word]) => (file[name] > 0 ? [`${file[name]} ${word}`] : []));
  const details = [...file.problems, ...file.remarks].map(({ row, detail }) =>
    row ? `row ${row}: ${detail}` : detail,
  );
  return `${file.kind}: ${[...parts, ...details].join(", ") || "nothing in it"}`;
}
