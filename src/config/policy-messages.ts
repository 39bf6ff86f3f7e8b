import type { z } from 'zod';
import { closest } from '../command/suggest.ts';
import type { Path } from './yaml-positions.ts';

export interface Complaint {
  path: Path;
  message: string;
  key: boolean;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** Zod's findings in the words of somebody who edits a YAML file. `shape` knows which keys belong where. */
export function complaints(error: z.ZodError, raw: unknown, keysAt: (path: Path) => readonly string[]): Complaint[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, keysAt(path)));
    return [{ path, message: messageOf(issue, valueAt(raw, path)), key: false }];
  });
}

function unknownKey(path: Path, key: string, known: readonly string[]): Complaint {
  const meant = closest(key, known);
  return {
    path: [...path, key],
    key: true,
    message: meant === undefined ? `unknown key; known here: ${known.join(', ')}` : `unknown key; did you mean ${meant}?`,
  };
}

function messageOf(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined ? 'is missing' : `expected ${KINDS[issue.expected] ?? issue.expected}, got ${described(value)}`;
    case 'invalid_value': {
      if (value === undefined) return 'is missing';
      const known = issue.values.map(String);
      const meant = typeof value === 'string' ? closest(value, known) : undefined;
      return `${described(value)} is none of ${known.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    }
    case 'too_small':
      return issue.origin === 'array'
        ? 'is empty: list at least one, or leave the key out where it is optional'
        : `must be ${issue.minimum} or more`;
    default:
      return issue.message;
  }
}

function described(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}

function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** The keys that a schema knows at a path; none where there is no map. */
export function keysOf(schema: z.core.$ZodType, path: Path): string[] {
  const inner = unwrapped(schema);
  const [step, ...rest] = path;
  if (inner.type === 'object') {
    if (step === undefined) return Object.keys(inner.shape);
    const next = inner.shape[String(step)];
    return next === undefined ? [] : keysOf(next, rest);
  }
  if (step === undefined) return [];
  if (inner.type === 'record') return keysOf(inner.valueType, rest);
  return inner.type === 'array' ? keysOf(inner.element, rest) : [];
}

type Def = z.core.$ZodObjectDef | z.core.$ZodRecordDef | z.core.$ZodArrayDef | { type: 'other' };

function unwrapped(schema: z.core.$ZodType): Def {
  const def = schema._zod.def;
  if ('innerType' in def) return unwrapped(def.innerType as z.core.$ZodType);
  return def.type === 'object' || def.type === 'record' || def.type === 'array' ? (def as Def) : { type: 'other' };
}
