/** Imports of several files that nobody finished, as the page was closed: go on with one, or discard it. */

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { FileTrigger } from "react-aria-components";
import { undoOf } from "../api/changes";
import { discardDrop, finishDrop, type Picked, type UnfinishedDrop, unfinishedDrops } from "../api/drops";
import { afterWrite } from "../api/queries";
import { ago, clock } from "../format/days";
import { importInWords } from "../format/records";
import { counted, number } from "../format/units";
import { usePerson } from "../person";
import { Button } from "./button";
import { pickedOf } from "./importing";
import { say, sayFailure } from "./messages";
import "../styles/changes.css";
import "../styles/settings.css";

const DropDialog = lazy(() => import("./drop"));

interface Continued {
  drop: UnfinishedDrop;
  picked: Picked[];
}

export function UnfinishedImports() {
  const { data = [] } = useQuery(unfinishedDrops);
  const [continued, setContinued] = useState<Continued>();
  function close() {
    setContinued(undefined);
    void afterWrite();
  }
  return (
    <>
      {data.length > 0 && (
        <section className="panel unfinished">
          <header className="panel-head">
            <h2>Unfinished imports</h2>
          </header>
          <p className="small quiet">
            What was sent counts in your quota until an import is finished or discarded. If a file did not arrive as a
            whole, choose it again.
          </p>
          <ul className="settings-list" aria-label="Unfinished imports">
            {data.map((drop) => (
              <Row key={drop.import_id} drop={drop} onContinue={(picked) => setContinued({ drop, picked })} />
            ))}
          </ul>
        </section>
      )}
      {continued && (
        <Suspense>
          <DropDialog picked={continued.picked} begun={continued.drop} onClose={close} />
        </Suspense>
      )}
    </>
  );
}

function Row({ drop, onContinue }: { drop: UnfinishedDrop; onContinue: (picked: Picked[]) => void }) {
  const { zone } = usePerson();
  const [busy, setBusy] = useState(false);
  const { import_id, state, names, files, size, received, created_at, expires_at } = drop;
  const more = files - Math.min(files, SHOWN);
  const title = files === 0 ? "No files yet" : [...names.slice(0, SHOWN), ...(more ? [`${more} more`] : [])].join(", ");
  const sent = received < size ? `${bytes(received)} of ${bytes(size)} sent` : files > 0 ? `${bytes(size)} sent` : "";
  async function run(work: () => Promise<void>) {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      sayFailure(error);
    }
    await afterWrite();
    setBusy(false);
  }
  async function load() {
    const done = await finishDrop(import_id, false, () => undefined);
    say(`${counted(files, "file")} imported: ${importInWords(done)}`, undoOf(done));
  }
  async function discard() {
    await discardDrop(import_id);
    say(drop.changeset_id ? "Discarded; what it had loaded stays" : "Discarded");
  }
  return (
    <li>
      <span>
        {title}{" "}
        <span className="small quiet">
          {[sent, STATES[state], `begun ${ago(created_at, zone)}`, `kept until ${clock(expires_at, zone)}`]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </span>
      <span className="row">
        {state === "open" && (files === 0 || received < size) && (
          <FileTrigger
            allowsMultiple
            onSelect={(chosen) => chosen && onContinue([...chosen].map((file) => pickedOf(file, file.name)))}
          >
            <Button aria-label={`Choose files: ${title}`}>Choose files</Button>
          </FileTrigger>
        )}
        {(state === "asking" || (state === "open" && files > 0 && received === size)) && (
          <Button aria-label={`Continue: ${title}`} onPress={() => onContinue([])}>
            Continue
          </Button>
        )}
        {state === "loading" && (
          <Button isPending={busy} aria-label={`Continue: ${title}`} onPress={() => run(load)}>
            Continue
          </Button>
        )}
        <Button look="quiet" isDisabled={busy} aria-label={`Discard: ${title}`} onPress={() => run(discard)}>
          Discard
        </Button>
      </span>
    </li>
  );
}

/** How many files are named. */
const SHOWN = 3;

const STATES: Record<UnfinishedDrop["state"], string> = {
  open: "",
  loading: "loading",
  asking: "some files wait for your answer",
};

function bytes(count: number): string {
  return count < 100_000 ? `${Math.ceil(count / 1000)} kB` : `${number(count / 1_000_000, 1)} MB`;
}
