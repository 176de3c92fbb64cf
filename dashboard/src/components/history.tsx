/** A record's history: its versions on the rail, any two compared, each restored after a preview. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import { diff, type Noun } from "../api/records";
import { ago } from "../format/days";
import { counted } from "../format/units";
import { changesOf } from "../format/versions";
import { nameOf, usePerson } from "../person";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Differences } from "./differences";
import { type Following, ShowMore } from "./following";
import { Rail, type RailNode } from "./rail";
import { useReading } from "./reading";
import { Answer } from "./states";
import { SubmitForm, useSubmit } from "./submit-form";
import { Summary } from "./summary";

export interface Version {
  version_number: number;
  change_type: string;
  changed_at: string;
  changed_by: string | null;
  change_reason: string | null;
  changeset_id: number | null;
  /** What changed in it, `[before, after]` of each field. */
  changes: object;
}

interface Props {
  noun: Noun;
  id: string;
  /** The newest versions, and what asks for older ones. */
  versions: Version[];
  following: Following;
  /** Restores a version of a record that is at `current`. */
  onRestore: (version: number, current: number) => Promise<void>;
}

type Pair = [older: number, newer: number];

export function History({ noun, id, versions, following, onRestore }: Props) {
  const reading = useReading();
  const { user, zone } = usePerson();
  const [pair, setPair] = useState<Pair>();
  const [restored, setRestored] = useState<Version>();
  const current = versions[0];
  if (!current) return null;
  const nodes = versions.map((version): RailNode => {
    const number = version.version_number;
    return {
      key: String(number),
      title: titleOf(version),
      meta: [nameOf(version.changed_by, user), ago(version.changed_at, zone)].filter(Boolean).join(" · "),
      look: lookOf(version, current),
      mark: <span className="rail-number">v{number}</span>,
      body: (
        <>
          {version.change_reason && <p className="rail-reason">“{version.change_reason}”</p>}
          {number > 1 && <Summary of={changesOf(noun, version.changes as Record<string, unknown>, reading)} />}
          {version !== current && (
            <div className="rail-actions">
              <Button look="quiet" onPress={() => setPair([number, current.version_number])}>
                Compare
              </Button>
              <Button look="quiet" onPress={() => setRestored(version)}>
                Restore
              </Button>
            </div>
          )}
        </>
      ),
    };
  });
  return (
    <>
      <Rail nodes={nodes} name="Versions" />
      {following.onLoadMore && (
        <div className="rail-more">
          <p className="small quiet">
            The newest {versions.length} of {counted(current.version_number, "version")}.
          </p>
          <ShowMore {...following} />
        </div>
      )}
      {pair && (
        <Compare pair={pair} onPair={setPair} newest={current.version_number}>
          <Between noun={noun} id={id} pair={pair} />
        </Compare>
      )}
      {restored && (
        <RestorePreview
          version={restored}
          deleted={current.change_type === "deletion"}
          onClose={() => setRestored(undefined)}
          onRestore={() => onRestore(restored.version_number, current.version_number)}
        >
          <Between
            noun={noun}
            id={id}
            pair={[current.version_number, restored.version_number]}
            none="Nothing: it is as that version left it."
          />
        </RestorePreview>
      )}
    </>
  );
}

/** What differs between two versions, sets one by one. */
function Between({ noun, id, pair: [from, to], none }: { noun: Noun; id: string; pair: Pair; none?: string }) {
  const reading = useReading();
  const asked = useQuery(diff(noun, id, from, to));
  return (
    <Answer of={asked} lines={3}>
      {(changes) => <Differences of={changesOf(noun, changes, reading)} none={none} />}
    </Answer>
  );
}

/** What a version did; where it was part of a change, that leads to all that the change did, and to its revert. */
function titleOf({ change_type, changeset_id, version_number }: Version): ReactNode {
  const [alone, changed] = version_number === 1 ? ["Added", "Imported"] : ["Edited", "Changed"];
  const deleted = change_type === "deletion" && "Deleted";
  if (changeset_id === null) return deleted || alone;
  return (
    <>
      {deleted || changed} by{" "}
      <Link href={`/changes/${changeset_id}`} className="text-link">
        change {changeset_id}
      </Link>
    </>
  );
}

function lookOf(version: Version, current: Version): RailNode["look"] {
  if (version.change_type === "deletion") return "gone";
  return version === current ? "current" : "plain";
}

function Compare({
  pair: [older, newer],
  onPair,
  newest,
  children,
}: {
  pair: Pair;
  onPair: (pair?: Pair) => void;
  newest: number;
  children: ReactNode;
}) {
  // Those that are not shown, too: versions are numbered without gaps.
  const choices = Array.from({ length: newest }, (_, index) => newest - index);
  return (
    <Dialog title="Compare versions" onClose={() => onPair()} wide>
      <div className="compare-heads">
        <Choice name="From" value={older} choices={choices} onChange={(number) => onPair([number, newer])} />
        <Choice name="To" value={newer} choices={choices} onChange={(number) => onPair([older, number])} />
      </div>
      {children}
      <div className="row end">
        <Button onPress={() => onPair()}>Close</Button>
      </div>
    </Dialog>
  );
}

function Choice({
  name,
  value,
  choices,
  onChange,
}: {
  name: string;
  value: number;
  choices: number[];
  onChange: (number: number) => void;
}) {
  return (
    <label className="choice">
      <span className="small quiet">{name}</span>
      <select className="input" value={value} onChange={(event) => onChange(Number(event.target.value))}>
        {choices.map((number) => (
          <option key={number} value={number}>
            Version {number}
          </option>
        ))}
      </select>
    </label>
  );
}

function RestorePreview({
  children,
  version,
  deleted,
  onClose,
  onRestore,
}: {
  children: ReactNode;
  version: Version;
  deleted: boolean;
  onClose: () => void;
  onRestore: () => Promise<void>;
}) {
  const form = useSubmit(async () => {
    await onRestore();
    onClose();
  });
  return (
    <Dialog title={`Restore version ${version.version_number}`} onClose={onClose} wide>
      <SubmitForm form={form} name="Restore" onCancel={onClose}>
        <p className="quiet">
          {deleted ? "This brings it back. " : ""}A new version is made that equals version {version.version_number}.
          Those after it stay in the history. This is what changes:
        </p>
        {children}
      </SubmitForm>
    </Dialog>
  );
}
