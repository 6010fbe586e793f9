import type { StatusKey } from '../status.ts';

/** Each state has a shape of its own, so that it reads without its colour. The colour comes from styles/parts.css. Always beside its word. */
export function StatusShape({ status, size = 16 }: { status: StatusKey; size?: number }) {
  return (
    <svg className={`shape-${status}`} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="var(--c)" strokeWidth="2.4">
      {shapes[status]}
    </svg>
  );
}

const shapes: Record<StatusKey, React.ReactNode> = {
  available: <circle cx="8" cy="8" r="5.6" />,
  preparing: <><circle cx="8" cy="8" r="5.6" /><path d="M8 2.4a5.6 5.6 0 0 1 0 11.2z" fill="var(--c)" /></>,
  charging: <><circle className="pulse" cx="8" cy="8" r="6" fill="var(--c)" stroke="none" /><circle cx="8" cy="8" r="6" fill="var(--c)" stroke="none" /><path d="M8.9 3.8 5.6 8.7h2.2l-.7 3.5 3.3-4.9H8.2z" fill="#fff" stroke="none" /></>,
  'suspended-ev': <path d="M5 3v10M11 3v10" strokeWidth="3.2" />,
  'suspended-evse': <><path d="M3.4 3v10M8 3v10" strokeWidth="2.8" /><path d="M11.6 9V7.6a1.3 1.3 0 0 1 2.6 0V9" strokeWidth="1.3" /><rect x="10.7" y="9" width="4.4" height="4" fill="var(--c)" stroke="none" /></>,
  finishing: <path d="m2.6 8.4 3.6 3.8 7.2-8.2" />,
  reserved: <><circle cx="8" cy="8" r="5.8" strokeWidth="2" /><path d="M8 4.8V8l2.3 1.6" strokeWidth="1.8" /></>,
  unavailable: <path d="M2.5 8h11" strokeWidth="4" />,
  faulted: <><path d="M8 1.6 15 14H1z" fill="var(--c)" stroke="none" /><path d="M8 6v3.6M8 11v1.6" stroke="#fff" strokeWidth="1.7" /></>,
  offline: <><circle cx="8" cy="8" r="6" strokeDasharray="6.9 2.52" strokeDashoffset="3.4" strokeWidth="2" /><path d="m5.2 9.4 4.2-4.2M6.6 10.8l4.2-4.2" strokeWidth="1.1" /></>,
  unknown: <><circle cx="8" cy="8" r="6.4" strokeDasharray="2.2 2" strokeWidth="1.3" /><path d="M6.3 6.4a1.75 1.75 0 1 1 2.5 1.7c-.6.3-.8.7-.8 1.2M8 11v1.2" strokeWidth="1.4" /></>,
};
