/** Several files on their way in: sent, previewed without any change, then applied as one change that can be reverted. */

import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { undoOf } from "../api/changes";
import {
  answerDrop,
  beginDrop,
  type Drop,
  type DropQuestion,
  finishDrop,
  giveUpDrop,
  type Picked,
  readDrop,
  sendFile,
} from "../api/drops";
import { afterWrite } from "../api/queries";
import { importInWords } from "../format/records";
import { counted } from "../format/units";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { DropPreview } from "./drop-preview";
import { DropQuestions, keyOf, type Said } from "./drop-questions";
import { comingOf } from "./import-parts";
import { say, sayFailure } from "./messages";
import { chosenOf } from "./picking";
import { Failure } from "./states";
import { SubmitForm, useSubmit } from "./submit-form";
import { useUnsaved } from "./unsaved";
import "../styles/changes.css";

const ONCE = { staleTime: Number.POSITIVE_INFINITY, gcTime: 0, retry: false } as const;

interface Props {
  picked: Picked[];
  /** An import that was begun before, which stays if it is not finished now either. */
  begun?: { import_id: number; files: number };
  onClose: () => void;
}

export default function DropDialog({ picked, begun, onClose }: Props) {
  const [sent, setSent] = useState<Sent>();
  const id = useId();
  const asked = useQuery({
    ...ONCE,
    queryKey: ["drop", id],
    queryFn: ({ signal }) => sendAll(picked, signal, setSent, begun?.import_id),
  });
  const drop = asked.data;
  function cancel() {
    if (drop && !begun) void giveUpDrop(drop.import_id);
    onClose();
  }
  return (
    <Dialog title={`Import ${counted(Math.max(picked.length, begun?.files ?? 0), "file")}`} onClose={cancel} wide>
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

/** Sends the files, one after the other; an import that is closed meanwhile is given up, unless it was begun before. */
async function sendAll(
  picked: Picked[],
  signal: AbortSignal,
  onSent: (sent: Sent) => void,
  begun?: number,
): Promise<Drop> {
  const chosen = await chosenOf(picked, signal);
  const drop = await (begun === undefined ? beginDrop() : readDrop(begun));
  try {
    for (const [index, one] of chosen.entries()) {
      signal.throwIfAborted();
      onSent({ done: index, of: chosen.length });
      await sendFile(drop, one, signal);
    }
  } catch (error) {
    if (begun === undefined) void giveUpDrop(drop.import_id);
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

function Preview({ drop, onCancel, onClose }: { drop: Drop; onCancel: () => void; onClose: () => void }) {
  const { import_id } = drop;
  const [times, setTimes] = useState(0);
  const [found, setFound] = useState(0);
  const [said, setSaid] = useState<Said[]>([]);
  const [changed, setChanged] = useState<string>();
  useUnsaved(() => said.length > 0);
  const tried = useQuery({
    ...ONCE,
    queryKey: ["drop", import_id, times],
    queryFn: () => finishDrop(import_id, true, setFound),
  });
  const form = useSubmit(async () => {
    // Only now the columns are sure: they are remembered for later tables with these headings.
    const tables = said.filter(({ question }) => question.mapping);
    for (const { question, answer } of tables) await answerDrop(import_id, question, answer, true);
    const done = await finishDrop(import_id, false, setFound);
    await afterWrite();
    if (done.state !== "done") void giveUpDrop(import_id);
    const loaded = done.files.filter(({ state }) => state === "loaded");
    say(`${counted(loaded.length, "file")} imported: ${importInWords(done)}`, undoOf(done));
    onClose();
  });
  function tryAgain() {
    setChanged(undefined);
    setTimes(times + 1);
  }
  async function reply(question: DropQuestion, answer: Said["answer"]) {
    try {
      await answerDrop(import_id, question, answer, question.mapping === null);
      setSaid([...said.filter((one) => keyOf(one.question) !== keyOf(question)), { question, answer }]);
      tryAgain();
    } catch (error) {
      sayFailure(error);
    }
  }
  if (tried.error) return <Failure error={tried.error} retry={tried.refetch} />;
  if (!tried.data) return <Progress words={`Reading: ${counted(found, "record")} so far`} onCancel={onCancel} />;
  if (form.busy) return <Progress words={`Importing: ${counted(found, "record")} so far`} />;
  const coming = comingOf(tried.data.files);
  const changing = coming.created + coming.updated + coming.deleted;
  return (
    <>
      <DropQuestions
        drop={tried.data}
        said={said}
        changed={changed}
        onChange={setChanged}
        onAnswer={reply}
        onForgotten={tryAgain}
      />
      <SubmitForm form={form} name="Apply" onCancel={onCancel} isDisabled={changing === 0 || changed !== undefined}>
        <DropPreview drop={tried.data} />
      </SubmitForm>
    </>
  );
}
