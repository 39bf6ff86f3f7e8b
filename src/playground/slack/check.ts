/** Small schema language for payloads: a check looks at one value and adds what is wrong with it, each with its JSON pointer. */
import { lengthOf } from './limits.ts';

export interface Problem {
  pointer: string;
  message: string;
}
export type Check = (value: unknown, pointer: string, problems: Problem[]) => void;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** In Slack's own wording: `[ERROR] … [json-pointer:/blocks/0/type]`. */
export const problemText = (problem: Problem): string => `[ERROR] ${problem.message} [json-pointer:${problem.pointer}]`;

const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** Exactly these fields; every other one is "invalid additional property". */
export function object(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return (value, pointer, problems) => {
    if (!isObject(value)) return void problems.push({ pointer, message: 'must provide an object' });
    for (const key of Object.keys(required)) {
      if (value[key] === undefined) problems.push({ pointer, message: `missing required field: ${key}` });
    }
    for (const [key, field] of Object.entries(value)) {
      if (field === undefined) continue;
      const known = Object.hasOwn(required, key) ? required[key] : Object.hasOwn(optional, key) ? optional[key] : undefined;
      if (known === undefined) problems.push({ pointer, message: `invalid additional property: ${key}` });
      else known(field, `${pointer}/${escapeKey(key)}`, problems);
    }
  };
}

export function string(max: number, min = 0): Check {
  return (value, pointer, problems) => {
    if (typeof value !== 'string') return void problems.push({ pointer, message: 'must provide a string' });
    if (lengthOf(value) > max) problems.push({ pointer, message: `must be less than ${max + 1} characters` });
    if (lengthOf(value) < min) problems.push({ pointer, message: `must be more than ${min - 1} characters` });
  };
}

export const matching =
  (pattern: RegExp, what: string): Check =>
  (value, pointer, problems) => {
    if (typeof value !== 'string' || !pattern.test(value)) problems.push({ pointer, message: `must be ${what}` });
  };

export const boolean: Check = (value, pointer, problems) => {
  if (typeof value !== 'boolean') problems.push({ pointer, message: 'must provide a boolean' });
};

export const whole =
  (min: number, max: number): Check =>
  (value, pointer, problems) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) problems.push({ pointer, message: 'must provide an integer' });
    else if (value < min || value > max) problems.push({ pointer, message: `must be between ${min} and ${max}` });
  };

export const oneOf =
  (...allowed: readonly unknown[]): Check =>
  (value, pointer, problems) => {
    if (!allowed.includes(value)) problems.push({ pointer, message: `must be one of: ${allowed.join(', ')}` });
  };

export function list(item: Check, max: number, min = 1): Check {
  return (value, pointer, problems) => {
    if (!Array.isArray(value)) return void problems.push({ pointer, message: 'must provide an array' });
    if (value.length > max) problems.push({ pointer, message: `no more than ${max} items allowed` });
    if (value.length < min) problems.push({ pointer, message: `must contain at least ${min} item${min === 1 ? '' : 's'}` });
    value.forEach((entry, index) => item(entry, `${pointer}/${index}`, problems));
  };
}

/** Chooses the check by the value's `type`. A type that is known elsewhere but not allowed here is refused like an unknown one. */
export function byType(checks: Record<string, Check>): Check {
  return (value, pointer, problems) => {
    if (!isObject(value)) return void problems.push({ pointer, message: 'must provide an object' });
    const { type } = value;
    const check = typeof type === 'string' && Object.hasOwn(checks, type) ? checks[type] : undefined;
    if (check === undefined) problems.push({ pointer: `${pointer}/type`, message: `unsupported type: ${String(type)}` });
    else check(value, pointer, problems);
  };
}

/** Every one of the checks. */
export const all =
  (...checks: Check[]): Check =>
  (value, pointer, problems) => {
    for (const check of checks) check(value, pointer, problems);
  };

/** A rule over a whole object, run only where it is one. */
export const rule =
  (look: (value: Record<string, unknown>) => string | undefined): Check =>
  (value, pointer, problems) => {
    if (!isObject(value)) return;
    const message = look(value);
    if (message !== undefined) problems.push({ pointer, message });
  };
