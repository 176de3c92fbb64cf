/** Changesets: what they are called, and what they did in figures. */

import type { Changeset } from "../api/queries";
import { showInstant } from "../format/days";

const KINDS: Record<Changeset["kind"], string> = {
  import: "Import",
  sync: "Sync",
  bulk_edit: "Bulk edit",
  merge: "Merge",
  separation: "Separation",
  decision: "Decision",
  revert: "Revert",
  rewind: "Rewind",
};

/** What takes a changeset back is called: of a revert, that is a redo. */
export function undoNameOf({ reverts, redoes }: Changeset): "Redo" | "Revert" {
  return reverts !== null && redoes === null ? "Redo" : "Revert";
}

export function titleOf({ kind, source, reverts, redoes, back_to }: Changeset, zone: string): string {
  if (redoes) return `Redo of change ${redoes}`;
  if (reverts) return `Revert of change ${reverts}`;
  if (back_to) return `Rewind to ${showInstant(back_to, zone)}`;
  return [KINDS[kind], source && source !== "Manual" && `from ${source}`].filter(Boolean).join(" ");
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

export function Counts({ of: { counts, redoes } }: { of: Changeset }) {
  const shown = COUNTS.filter(([name]) => counts[name]);
  if (shown.length === 0) return <span className="small faint">Nothing changed</span>;
  return (
    <ul className="counts small">
      {shown.map(([name, word]) => {
        // What a redo takes back is a revert.
        const isRedone = name === "reverted" && redoes;
        return (
          <li key={name} data-count={isRedone ? undefined : name}>
            <b>{counts[name]}</b> {isRedone ? "done again" : word}
          </li>
        );
      })}
    </ul>
  );
}
