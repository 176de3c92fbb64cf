import { type Difference, NOTHING } from "../format/versions";
import "../styles/history.css";

/** Field by field: − what was, + what is. */
export function Differences({ of, none = "There is no difference." }: { of: Difference[]; none?: string }) {
  if (of.length === 0) return <p className="quiet">{none}</p>;
  return (
    <table className="differences">
      <thead className="hidden-label">
        <tr>
          <th>Field</th>
          <th>Before</th>
          <th>After</th>
        </tr>
      </thead>
      <tbody>
        {of.map(({ field, label, before, after }) => (
          <tr key={field}>
            <th scope="row">{label}</th>
            <td>{before === NOTHING ? NOTHING : <del>{before}</del>}</td>
            <td>{after === NOTHING ? NOTHING : <ins>{after}</ins>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
