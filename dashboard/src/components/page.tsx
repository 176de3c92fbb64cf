import { type ReactNode, useEffect } from "react";
import { Answer, type Asked, Loading } from "./states";

/** A page's heading with its actions, and its content; names the browser's tab too. */
export function PageFrame({
  title,
  lead,
  actions,
  children,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · fitness`;
  }, [title]);
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          {lead && <p className="quiet">{lead}</p>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </header>
      {children}
    </>
  );
}

/** A page before it is there: it has its name already. */
export function ComingPage({ title }: { title: string }) {
  return (
    <PageFrame title={title}>
      <Loading />
    </PageFrame>
  );
}

interface RecordPageProps<T extends object> {
  /** What the page is called until its record is there. */
  title: string;
  of: Asked<T>;
  children: (record: T) => ReactNode;
}

/** A page that its record names. */
export function RecordPage<T extends object>({ title, of, children }: RecordPageProps<T>) {
  if (of.data !== undefined) return children(of.data);
  return (
    <PageFrame title={title}>
      <Answer of={of}>{children}</Answer>
    </PageFrame>
  );
}

export function Panel({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="panel">
      <header className="panel-head">
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
