import type { ReactNode } from "react";

/** A part that scrolls by itself; the keys reach it, too. */
export function Scrolled({
  name,
  className = "scrolled",
  children,
}: {
  name: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys scroll it
    <section className={className} aria-label={name} tabIndex={0}>
      {children}
    </section>
  );
}
