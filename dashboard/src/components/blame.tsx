/** Who set a field, when and why: shows while its value is pointed at, tapped or in focus. */

import { type ReactNode, useId, useState } from "react";
import type { Origin } from "../api/records";
import { ago } from "../format/days";
import { nameOf, type Person, usePerson } from "../person";

/** "by ada, 2 Nov 2025 · version 2" */
function wordsOf(origin: Origin, { user, zone }: Person): string {
  const { provider, changed_by, changed_at, version, changeset_id } = origin;
  const who = provider ? `from ${provider}` : `by ${nameOf(changed_by, user) ?? "somebody"}`;
  const parts = [`${who}, ${ago(changed_at, zone)}`, `version ${version}`, changeset_id && `change ${changeset_id}`];
  return parts.filter(Boolean).join(" · ");
}

/** The origins by version, each with the names of its fields. */
function byVersion(origins: Record<string, Origin>): [names: string[], origin: Origin][] {
  const groups = new Map<number, [string[], Origin]>();
  for (const [name, origin] of Object.entries(origins)) {
    const group = groups.get(origin.version);
    if (group) group[0].push(name);
    else groups.set(origin.version, [[name], origin]);
  }
  return [...groups.values()].toSorted(([, a], [, b]) => b.version - a.version);
}

/** A value with its origins, by the name of each field that it shows; without any, the value alone. */
export function Blamed({ origins, children }: { origins: Record<string, Origin>; children: ReactNode }) {
  const person = usePerson();
  const id = useId();
  const [hidden, setHidden] = useState(false);
  const groups = byVersion(origins);
  if (groups.length === 0) return children;
  return (
    <span className="blamed" data-hidden={hidden || undefined} onPointerEnter={() => setHidden(false)}>
      <button
        type="button"
        aria-describedby={id}
        onFocus={() => setHidden(false)}
        onKeyDown={({ key }) => key === "Escape" && setHidden(true)}
      >
        {children}
      </button>
      <span className="blame small" role="tooltip" id={id}>
        {groups.map(([names, origin]) => (
          <span key={origin.version} className="blame-line">
            {groups.length > 1 && <b>{names.join(", ")}</b>} Set {wordsOf(origin, person)}
            {origin.change_reason && <i> “{origin.change_reason}”</i>}
          </span>
        ))}
      </span>
    </span>
  );
}

interface FactProps {
  name: string;
  value: string;
  /** Who set it; nobody where it is derived. */
  origins?: Record<string, Origin>;
  /** What else is to be known of it. */
  more?: string | null;
}

/** A value with its name, in a list of facts. */
export function Fact({ name, value, origins = {}, more }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Blamed origins={origins}>{value}</Blamed>
        {more && <span className="fact-more">{more}</span>}
      </dd>
    </div>
  );
}

/** The origins of the fields with these names; those that are not known are left out. */
export function originsOf(
  fields: Record<string, Origin> | undefined,
  names: Record<string, string>,
): Record<string, Origin> {
  const found = Object.entries(names).flatMap(([field, name]) => {
    const origin = fields?.[field];
    return origin ? [[name, origin] as const] : [];
  });
  return Object.fromEntries(found);
}
