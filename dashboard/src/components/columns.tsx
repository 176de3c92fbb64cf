/** The columns of a table of somebody's own: what each says, how its values are written, and the rows as they are read. */

import { type ReactNode, useState } from "react";
import type { Schemas } from "../api/client";
import { showDay } from "../format/days";
import {
  choicesOf,
  headingsOf,
  isSame,
  type Mapping,
  MEANINGS,
  meaningOf,
  missingOf,
  type Proposal,
  tableName,
  withMeaning,
} from "../format/mapping";
import { distance, duration, number, type Units } from "../format/units";
import { usePerson } from "../person";
import { Button } from "./button";
import { Scrolled } from "./scrolled";
import { SelectField } from "./select-field";
import { useUnsaved } from "./unsaved";
import "../styles/columns.css";

const OPTIONS = [["", "Not read"], ...MEANINGS] as const;

interface Props {
  proposal: Proposal & { mapping: Mapping };
  /** What was said before; default: what is proposed. */
  said?: Mapping;
  onPreview: (mapping: Mapping) => void;
  /** What stands before the button. */
  more?: ReactNode;
}

/** The form for a mapping: it begins with the one that is proposed, or that was said before. */
export function Columns({ proposal, said, onPreview, more }: Props) {
  const before = said ?? proposal.mapping;
  const [mapping, setMapping] = useState(before);
  useUnsaved(() => !isSame(mapping, before));
  const missing = missingOf(mapping, proposal);
  return (
    <section className="columns" aria-label={`Columns ${tableName(proposal)}`}>
      <p>This is a table of your own. Say what its columns are. Nothing changes until you apply it.</p>
      <fieldset>
        <legend>Columns</legend>
        {headingsOf(proposal).map((heading) => (
          <SelectField
            key={heading}
            label={heading}
            value={meaningOf(mapping, heading)}
            options={OPTIONS}
            onChange={(meaning) => setMapping(withMeaning(mapping, heading, meaning, proposal.mapping))}
          />
        ))}
      </fieldset>
      <Choices mapping={mapping} proposal={proposal} onChange={setMapping} />
      {isSame(mapping, proposal.mapping) && <Rows rows={proposal.rows} name={`First rows of ${tableName(proposal)}`} />}
      <div className="row end">
        {missing.length > 0 && (
          <p className="small columns-missing" role="status">
            Still needed: {missing.join(", ")}.
          </p>
        )}
        {more}
        <Button look="primary" isDisabled={missing.length > 0} onPress={() => onPreview(mapping)}>
          Preview
        </Button>
      </div>
    </section>
  );
}

interface ChoicesProps {
  mapping: Mapping;
  proposal: Proposal;
  onChange: (mapping: Mapping) => void;
}

/** How the values of the columns are written. */
function Choices({ mapping, proposal, onChange }: ChoicesProps) {
  const choices = choicesOf(mapping, proposal);
  return (
    <fieldset>
      <legend>Values</legend>
      {choices.map(({ option, label, values, isSet, example }) => (
        <SelectField
          key={option}
          label={label}
          hint={example}
          value={mapping[option] ?? ""}
          options={isSet ? values : [["", example ? "Choose" : "As the values say"], ...values]}
          onChange={(value) => onChange({ ...mapping, [option]: value || null })}
        />
      ))}
    </fieldset>
  );
}

type Row = Schemas["ShownRow"];

/** The columns of the rows, each with what it shows of a row. */
const SHOWN: readonly (readonly [name: string, shown: (row: Row, units: Units) => string | null])[] = [
  ["Start", ({ start }) => start && `${showDay(start.slice(0, 10))}, ${start.slice(11, 16)}`],
  ["Sport", ({ sport }) => sport],
  ["Distance", (row, units) => (row.distance === null ? null : distance(row.distance, units))],
  ["Time", (row) => (row.duration ? duration(row.duration) : null)],
  ["Heart rate", (row) => (row.avg_heart_rate === null ? null : number(row.avg_heart_rate, 0))],
  ["Shoe", ({ shoe }) => shoe],
  ["Name", ({ name }) => name],
  ["Notes", ({ notes }) => notes],
];

/** The first rows as they would be stored; columns without any value are left out. */
function Rows({ rows, name }: { rows: Row[]; name: string }) {
  const { units } = usePerson();
  if (rows.length === 0) return null;
  const shown = SHOWN.filter(([, of]) => rows.some((row) => of(row, units) !== null));
  return (
    <section>
      <h3>The first rows, as they are read</h3>
      <Scrolled name={name}>
        <table className="plain-table columns-rows">
          <thead>
            <tr>
              <th className="number">Row</th>
              {shown.map(([name]) => (
                <th key={name}>{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.row}>
                <td className="number">{row.row}</td>
                {row.problem ? (
                  <td colSpan={shown.length || 1} className="columns-problem">
                    {row.problem}
                  </td>
                ) : (
                  shown.map(([name, of]) => <td key={name}>{of(row, units)}</td>)
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolled>
    </section>
  );
}
