import { type Difference, NOTHING } from "../format/versions";

const SHOWN = 3;

/** What was changed, in a few words: − what was, + what is. */
export function Summary({ of }: { of: Difference[] }) {
  if (of.length === 0) return null;
  return (
    <ul className="rail-summary small">
      {of.slice(0, SHOWN).map(({ field, label, before, after }) => (
        <li key={field}>
          {label} {before !== NOTHING && <del>{before}</del>} {after !== NOTHING && <ins>{after}</ins>}
        </li>
      ))}
      {of.length > SHOWN && <li>and {of.length - SHOWN} more</li>}
    </ul>
  );
}
