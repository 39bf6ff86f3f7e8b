import type { ReactNode } from 'react';

const PATHS = {
  hash: 'M7 3 5.5 17M14.5 3 13 17M3.5 7.5h14M2.5 12.5h14',
  lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  home: 'M3 9.5 10 3l7 6.5M5 8.5V17h10V8.5',
  thread: 'M3 4h14v9H9l-4 3.5V13H3zM7 7.5h6M7 10h4',
  close: 'M5 5l10 10M15 5 5 15',
  send: 'M3 3.5 17.5 10 3 16.5 5.5 10zM5.5 10h6',
  more: 'M10 4.6v.1M10 10v.1M10 15.4v.1',
  down: 'M5 8l5 5 5-5',
  right: 'M8 5l5 5-5 5',
  eye: 'M2 10s3-5.5 8-5.5S18 10 18 10s-3 5.5-8 5.5S2 10 2 10zM10 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  sun: 'M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10 2v1.6M10 16.4V18M2 10h1.6M16.4 10H18M4.3 4.3l1.2 1.2M14.5 14.5l1.2 1.2M15.7 4.3l-1.2 1.2M5.5 14.5l-1.2 1.2',
  moon: 'M16.5 11.8A7 7 0 0 1 8.2 3.5 7 7 0 1 0 16.5 11.8z',
  menu: 'M3 5h14M3 10h14M3 15h14',
  cluster: 'M10 2.5 16.5 6v8L10 17.5 3.5 14V6zM10 2.5v7.3M3.5 6 10 9.8 16.5 6M10 9.8v7.7',
  slash: 'M13 3 7 17',
  at: 'M13 10a3 3 0 1 1-3-3 3 3 0 0 1 3 3zm0 0v1.5a2 2 0 0 0 4 0V10a7 7 0 1 0-3 5.7',
  check: 'M4 10.5 8.5 15 16 6',
  upload: 'M10 13V4M6.5 7 10 3.5 13.5 7M4 13v3.5h12V13',
  people: 'M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 16.5c0-3 2.5-5 5.5-5s5.5 2 5.5 5M13.5 4a3 3 0 0 1 0 5.6M15 11.8c1.8.7 3 2.4 3 4.7',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth={name === 'more' ? 2.6 : 1.6}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** Of a channel, a private channel or a direct message. */
export function ChannelIcon({ kind, size }: { kind: string; size: number }): ReactNode {
  return <Icon name={kind === 'im' ? 'people' : kind === 'private' ? 'lock' : 'hash'} size={size} />;
}
