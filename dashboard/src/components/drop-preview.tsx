/** What an import of several files would do, and what comes of each file. */

import type { DropFile, LoadedDrop } from "../api/drops";
import { counted, number } from "../format/units";
import { comingOf, OUTCOMES, OutcomeFigures } from "./import-parts";
import { Records } from "./records";
import { Scrolled } from "./scrolled";

export function DropPreview({ drop }: { drop: LoadedDrop }) {
  const records = drop.records?.items ?? [];
  return (
    <div className="report">
      <p className="quiet">Nothing changes until you apply it. This is what the files would do:</p>
      {drop.files.some(({ state }) => state === "asked") && (
        <p className="small quiet">Apply leaves out the files that wait for your answer.</p>
      )}
      <OutcomeFigures of={comingOf(drop.files)} where="in the files" />
      <Files files={drop.files} />
      {records.length > 0 && (
        <section>
          <h3>What would change</h3>
          {drop.records?.next_cursor && (
            <p className="small quiet">The first {number(records.length, 0)}. Apply takes all of them.</p>
          )}
          <Records records={records} isLoading={false} leads={false} empty="Nothing changes." />
        </section>
      )}
    </div>
  );
}

/** A line for each file, first those that are left out. */
function Files({ files }: { files: DropFile[] }) {
  const order = { refused: 0, asked: 1, incomplete: 2, waiting: 3, loaded: 3 };
  const sorted = files.toSorted((one, other) => order[one.state] - order[other.state]);
  return (
    <section>
      <h3>Files</h3>
      <Scrolled name="Files">
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
      </Scrolled>
    </section>
  );
}

function wordsOf(file: DropFile): string {
  const worded = ({ row, detail }: { row: number | null; detail: string }) => (row ? `row ${row}: ${detail}` : detail);
  const unsaid = file.failed - file.problems.length;
  const details = [
    ...file.problems.map(worded),
    ...(unsaid > 0 ? [`and ${counted(unsaid, "other")}`] : []),
    ...file.remarks.map(worded),
  ];
  if (file.detail) return [file.detail, ...details].join("; ");
  if (file.state === "asked") return `${file.kind}: waits for your answer`;
  if (file.state === "loaded") return `${file.kind}: imported before`;
  const parts = OUTCOMES.flatMap(([name, word]) => (file[name] > 0 ? [`${file[name]} ${word}`] : []));
  return `${file.kind}: ${[...parts, ...details].join(", ") || "nothing in it"}`;
}
