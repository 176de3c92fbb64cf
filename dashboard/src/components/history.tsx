/** A record's history: its versions on the rail, any two compared, each restored after a preview. */

import { useState } from "react";
import { ago } from "../format/days";
import { type Difference, differences, type Reading } from "../format/versions";
import { usePerson } from "../person";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Differences } from "./differences";
import { Rail, type RailNode } from "./rail";
import { useReading } from "./reading";

export interface Version {
  version_number: number;
  change_type: string;
  changed_at: string;
  changed_by: string | null;
  change_reason: string | null;
  changeset_id: number | null;
}

type Fields = Parameters<typeof differences>[0];

interface Props<V extends Version> {
  versions: V[];
  fields: Fields;
  /** Restores a version of a record that is at `current`. */
  onRestore: (version: number, current: number) => Promise<void>;
}

type Pair = [older: number, newer: number];

export function History<V extends Version>({ versions, fields, onRestore }: Props<V>) {
  const reading = useReading();
  const { zone } = usePerson();
  const [pair, setPair] = useState<Pair>();
  const [restored, setRestored] = useState<V>();
  const current = versions[0];
  const byNumber = new Map(versions.map((version) => [version.version_number, version]));
  if (!current) return null;
  const nodes = versions.map((version): RailNode => {
    const number = version.version_number;
    const before = byNumber.get(number - 1);
    return {
      key: String(number),
      title: titleOf(version),
      meta: [version.changed_by, ago(version.changed_at, zone)].filter(Boolean).join(" · "),
      look: lookOf(version, current),
      mark: <span className="rail-number">v{number}</span>,
      body: (
        <>
          {version.change_reason && <p className="rail-reason">“{version.change_reason}”</p>}
          {before && <Summary of={differences(fields, before, version, reading)} />}
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
      {pair && <Compare pair={pair} onPair={setPair} versions={byNumber} fields={fields} reading={reading} />}
      {restored && (
        <RestorePreview
          of={differences(fields, current, restored, reading)}
          version={restored}
          deleted={current.change_type === "deletion"}
          onClose={() => setRestored(undefined)}
          onRestore={() => onRestore(restored.version_number, current.version_number)}
        />
      )}
    </>
  );
}

function titleOf({ change_type, changeset_id, version_number }: Version): string {
  if (change_type === "deletion") return "Deleted";
  if (version_number === 1) return changeset_id ? `Imported, change ${changeset_id}` : "Added";
  return changeset_id ? `Changed by change ${changeset_id}` : "Edited";
}

function lookOf(version: Version, current: Version): RailNode["look"] {
  if (version.change_type === "deletion") return "gone";
  return version === current ? "current" : "plain";
}

const SHOWN = 3;

/** What a version changed, in a few words. */
function Summary({ of }: { of: Difference[] }) {
  if (of.length === 0) return null;
  return (
    <ul className="rail-summary small">
      {of.slice(0, SHOWN).map(({ field, label, before, after }) => (
        <li key={field}>
          {label} <del>{before}</del> <ins>{after}</ins>
        </li>
      ))}
      {of.length > SHOWN && <li>and {of.length - SHOWN} more</li>}
    </ul>
  );
}

function Compare<V extends Version>({
  pair: [older, newer],
  onPair,
  versions,
  fields,
  reading,
}: {
  pair: Pair;
  onPair: (pair?: Pair) => void;
  versions: Map<number, V>;
  fields: Fields;
  reading: Reading;
}) {
  const [a, b] = [versions.get(older), versions.get(newer)];
  const choices = [...versions.keys()];
  if (!a || !b) return null;
  return (
    <Dialog title="Compare versions" onClose={() => onPair()} wide>
      <div className="compare-heads">
        <Choice name="From" value={older} choices={choices} onChange={(number) => onPair([number, newer])} />
        <Choice name="To" value={newer} choices={choices} onChange={(number) => onPair([older, number])} />
      </div>
      <Differences of={differences(fields, a, b, reading)} />
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
  of,
  version,
  deleted,
  onClose,
  onRestore,
}: {
  of: Difference[];
  version: Version;
  deleted: boolean;
  onClose: () => void;
  onRestore: () => Promise<void>;
}) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");
  async function restore() {
    setBusy(true);
    try {
      await onRestore();
      onClose();
    } catch (error) {
      setFailure((error as Error).message);
      setBusy(false);
    }
  }
  return (
    <Dialog title={`Restore version ${version.version_number}`} onClose={onClose} wide>
      <p className="quiet">
        {deleted ? "This brings it back. " : ""}A new version is made that equals version {version.version_number}.
        Those after it stay in the history. This is what changes:
      </p>
      <Differences of={of} none={deleted ? "No field changes." : "Nothing: it is as that version left it."} />
      {failure && (
        <p className="form-error" role="alert">
          {failure}
        </p>
      )}
      <div className="row end">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" isPending={busy} onPress={() => void restore()}>
          Restore
        </Button>
      </div>
    </Dialog>
  );
}
