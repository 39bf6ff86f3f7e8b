import type { ReactNode } from 'react';

const COLOURS = ['#c2185b', '#3f51b5', '#00796b', '#a34700', '#5e35b1', '#2e7d32', '#ad1457', '#01579b'];

function colourOf(id: string): string {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  return COLOURS[sum % COLOURS.length] ?? '#555';
}

/** Initials on a colour of their own; the app has its sign. */
export function Avatar({ id, name, app, size = 36 }: { id: string; name: string; app?: boolean; size?: number }): ReactNode {
  if (app) return <AppSign size={size} />;
  const initials = name
    .split(/[\s.-]+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
  return (
    <span className="avatar" aria-hidden="true" style={{ width: size, height: size, background: colourOf(id), fontSize: size * 0.42 }}>
      {initials}
    </span>
  );
}

export function AppSign({ size }: { size: number }): ReactNode {
  return (
    <svg className="avatar" aria-hidden="true" width={size} height={size} viewBox="0 0 36 36">
      <defs>
        <linearGradient id="sign" x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stopColor="#12b5a6" />
          <stop offset="1" stopColor="#075e72" />
        </linearGradient>
      </defs>
      <rect width="36" height="36" rx="8" fill="url(#sign)" />
      <path d="M25.5 14a8.5 8.5 0 1 0 .8 6" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <path d="M26.5 8.5V15H20" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
