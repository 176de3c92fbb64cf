/** What imports, syncs, bulk edits and reverts did, each as a whole; and the way in for files. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { FileTrigger } from "react-aria-components";
import { afterWrite, allItems, type Changeset, changesets } from "../api/queries";
import { Button } from "../components/button";
import { type Reverted, revert, titleOf, undoOf } from "../components/changesets";
import { Dialog } from "../components/dialog";
import { FileDrop, ImportDialog } from "../components/import";
import { say } from "../components/messages";
import { PageFrame } from "../components/page";
import { Rail, type RailNode } from "../components/rail";
import { Answer, Empty } from "../components/states";
import { ago } from "../format/days";
import { counted } from "../format/units";
import { usePerson } from "../person";
import "../styles/history.css";
import "../styles/changes.css";

export default function Changes() {
  const asked = useInfiniteQuery(changesets);
  const [file, setFile] = useState<File>();
  const [reverted, setReverted] = useState<Changeset>();
  return (
    <PageFrame
      title="Changes"
      lead="Every import, sync and bulk edit as a whole. Reverting one leaves what you edited since."
      actions={
        <FileTrigger onSelect={(files) => setFile(files?.[0])}>
          <Button look="primary" icon="file">
            Import
          </Button>
        </FileTrigger>
      }
    >
      <FileDrop onFile={setFile} />
      <Answer of={asked}>
        {(data) => {
          const items = allItems(data);
          return items.length > 0 ? (
            <ChangesRail items={items} onRevert={setReverted} />
          ) : (
            <Empty title="No changes yet">What you import appears here, and can be taken back as a whole.</Empty>
          );
        }}
      </Answer>
      {asked.hasNextPage && (
        <Button isPending={asked.isFetchingNextPage} onPress={() => void asked.fetchNextPage()}>
          Show older changes
        </Button>
      )}
      {file && <ImportDialog file={file} onClose={() => setFile(undefined)} />}
      {reverted && <RevertDialog changeset={reverted} onClose={() => setReverted(undefined)} />}
    </PageFrame>
  );
}

const COUNTS: [name: string, word: string][] = [
  ["created", "added"],
  ["updated", "changed"],
  ["deleted", "deleted"],
  ["reverted", "taken back"],
  ["kept", "kept"],
  ["unchanged", "already here"],
  ["skipped", "skipped"],
  ["failed", "failed"],
];

function Counts({ counts }: { counts: Changeset["counts"] }) {
  const shown = COUNTS.filter(([name]) => counts[name]);
  if (shown.length === 0) return <span className="small faint">Nothing changed</span>;
  return (
    <ul className="counts small">
      {shown.map(([name, word]) => (
        <li key={name} data-count={name}>
          <b>{counts[name]}</b> {word}
        </li>
      ))}
    </ul>
  );
}

function ChangesRail({ items, onRevert }: { items: Changeset[]; onRevert: (changeset: Changeset) => void }) {
  const { zone } = usePerson();
  const nodes = items.map((changeset): RailNode => {
    const { changeset_id, created_at, actor, reason, reverted_by } = changeset;
    return {
      key: String(changeset_id),
      title: titleOf(changeset),
      look: reverted_by ? "undone" : changeset.reverts ? "gone" : "plain",
      mark: reverted_by ? (
        <span className="small faint">Taken back by change {reverted_by}</span>
      ) : (
        <Button look="quiet" onPress={() => onRevert(changeset)}>
          {changeset.reverts ? "Redo" : "Revert"}
        </Button>
      ),
      meta: [`Change ${changeset_id}`, actor, ago(created_at, zone)].filter(Boolean).join(" · "),
      body: (
        <>
          {reason && !changeset.reverts && <p className="rail-reason">“{reason}”</p>}
          <Counts counts={changeset.counts} />
        </>
      ),
    };
  });
  return (
    <section className="panel changes">
      <Rail nodes={nodes} name="Changes" />
    </section>
  );
}

function RevertDialog({ changeset, onClose }: { changeset: Changeset; onClose: () => void }) {
  const [done, setDone] = useState<Reverted>();
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  async function run() {
    setBusy(true);
    try {
      const outcome = await revert(changeset.changeset_id);
      await afterWrite();
      say(`Change ${changeset.changeset_id} reverted`, undoOf(outcome));
      if (outcome.kept > 0) setDone(outcome);
      else onClose();
    } catch (error) {
      setFailure((error as Error).message);
    }
    setBusy(false);
  }
  if (done) return <KeptDialog done={done} onClose={onClose} />;
  return (
    <Dialog
      title={changeset.reverts ? "Redo what was reverted?" : `Revert change ${changeset.changeset_id}?`}
      onClose={onClose}
    >
      <p>
        {titleOf(changeset)}: <Counts counts={changeset.counts} />
      </p>
      <p className="quiet">
        What it added is deleted, what it changed goes back. Records that you edited since stay as they are and are
        listed afterwards. The revert is a change too, and can be undone.
      </p>
      {failure && (
        <p className="form-error" role="alert">
          {failure}
        </p>
      )}
      <div className="row end">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" isPending={busy} onPress={() => void run()}>
          {changeset.reverts ? "Redo" : "Revert"}
        </Button>
      </div>
    </Dialog>
  );
}

function KeptDialog({ done, onClose }: { done: Reverted; onClose: () => void }) {
  return (
    <Dialog title={`${counted(done.kept, "record")} stayed`} onClose={onClose} wide>
      <p className="quiet">
        {counted(done.reverted, "record")} went back. These were changed since and stay as they are:
      </p>
      <table className="plain-table">
        <thead>
          <tr>
            <th>Record</th>
            <th>Why it stays</th>
          </tr>
        </thead>
        <tbody>
          {done.problems.map(({ id, detail }) => (
            <tr key={id}>
              <td>{id}</td>
              <td>{detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row end">
        <Button look="primary" onPress={onClose}>
          Close
        </Button>
      </div>
    </Dialog>
  );
}
