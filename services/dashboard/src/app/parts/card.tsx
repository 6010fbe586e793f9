import { useId, type ReactNode } from 'react';

/** A bordered part of a screen with a noun as its title. */
export function Card({ title, aside, children, flush = false, className }: { title?: ReactNode; aside?: ReactNode; children: ReactNode; flush?: boolean; className?: string }) {
  const titleId = useId();
  return (
    <section className={`card ${className ?? ''}`} aria-labelledby={title ? titleId : undefined}>
      {title !== undefined && <header><h2 id={titleId}>{title}</h2>{aside}</header>}
      <div className={flush ? 'body flush' : 'body'}>{children}</div>
    </section>
  );
}

/** The head of a screen: its title, what stands under it, and what can be done. */
export function PageHead({ title, sub, children }: { title: ReactNode; sub?: ReactNode; children?: ReactNode }) {
  return <div className="page-head"><div><h1>{title}</h1>{sub !== undefined && <div className="muted">{sub}</div>}</div>{children}</div>;
}
