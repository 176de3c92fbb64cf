/** Figures with what they are below them. */

export function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** What stands where figures will be. */
export function FiguresPlace({ names, className = "" }: { names: readonly string[]; className?: string }) {
  return (
    <div role="status" aria-label="Loading">
      <dl className={`figures ${className}`}>
        {names.map((name) => (
          <Figure key={name} name={name} value="–" />
        ))}
      </dl>
    </div>
  );
}
