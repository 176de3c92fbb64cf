/** Our own signs, drawn on a grid of 20 with one stroke. */

import type { ReactNode } from "react";

const PATHS = {
  today: (
    <path d="M3 8h14M6 3v3M14 3v3M4 5h12a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Zm4 8 2 2 3-4" />
  ),
  log: <path d="M7 5h10M7 10h10M7 15h10M3.500 5h.01M3.500 10h.01M3.500 15h.01" />,
  trends: <path d="M3 16h14M5 16v-5M9 16V7M13 16V9M17 16V4" />,
  strength: <path d="M2 10h2m12 0h2M6 10h8M4 7v6M6 5v10M14 5v10M16 7v6" />,
  plan: <path d="M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM11 13.500h5" />,
  shoes: (
    <path d="M2 14.500h16M2.500 14V7l2 1.500c1 .7 2 .7 3-.5l4.500 3.500c1.500 1 3.500 1 5 1.700.6.3 1 .8 1 1.300" />
  ),
  inbox: <path d="M3 11h4l1.500 2h3L13 11h4M3 11l2-6h10l2 6v4a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1Z" />,
  changes: (
    <>
      <path d="M6 7v6M6 4.500a1.500 1.500 0 1 0 0 .01M6 15.500a1.500 1.500 0 1 0 0 .01M14 7.500c0 3-8 2-8 5.500" />
      <circle cx="14" cy="5.500" r="1.800" />
    </>
  ),
  settings: <path d="M3 6h8m4 0h2M3 14h2m4 0h8M13 4v4M7 12v4" />,
  more: <path d="M5 10h.01M10 10h.01M15 10h.01" />,
  search: <path d="m17 17-4-4M8.500 14a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11Z" />,
  plus: <path d="M10 4v12M4 10h12" />,
  close: <path d="m5 5 10 10M15 5 5 15" />,
  undo: <path d="M7 4 3.500 7.500 7 11M4 7.500h8a4 4 0 0 1 0 8H9" />,
  run: <path d="M3 13c3 0 4-6 7-6s3 4 7 4" />,
  lift: <path d="M4 6v8M16 6v8M4 10h12" />,
  cardio: <path d="M2 10h4l2-5 4 10 2-5h4" />,
  reps: <path d="M5 4v12M9 4v12M13 4v12M2 12 17 7" />,
  up: <path d="m5 12 5-5 5 5" />,
  down: <path d="m5 8 5 5 5-5" />,
  forward: <path d="m8 4 6 6-6 6" />,
  grip: <path d="M7.500 5h.01M7.500 10h.01M7.500 15h.01M12.500 5h.01M12.500 10h.01M12.500 15h.01" />,
  back: <path d="m12 4-6 6 6 6" />,
  file: <path d="M5 3h7l3 3v11H5zM12 3v3h3" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.500"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {PATHS[name]}
    </svg>
  );
}

export const KINDS = {
  run: { icon: "run", name: "Run" },
  lift: { icon: "lift", name: "Lift" },
  cardio: { icon: "cardio", name: "Cardio" },
  reps: { icon: "reps", name: "Reps" },
} as const;

export type Kind = keyof typeof KINDS;

/** The sign of an activity's kind, in its colour; `name` is what it is called where that says more than the kind. */
export function KindSign({ kind, name = KINDS[kind].name }: { kind: Kind; name?: string }) {
  return (
    <span className="kind-sign" data-kind={kind} role="img" aria-label={name}>
      <Icon name={KINDS[kind].icon} size={16} />
    </span>
  );
}
