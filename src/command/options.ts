import type { Method } from '../domain/method.ts';
import type { RepullOptions } from './command.ts';
import type { FlagName } from './grammar.ts';
import type { Filled, Problem } from './read-form.ts';
import { optional } from './read-value.ts';
import { readAt, readImage, readMethod, readObjectName, readReason, readTag, readWorkload } from './values.ts';

/** Flags that leave no choice of method. */
const IMPLIED: readonly (readonly [FlagName, Method])[] = [
  ['tag', 'set-image'],
  ['image', 'set-image'],
  ['pin', 'pin'],
  ['pod', 'evict'],
  ['force-delete', 'evict'],
];
const TARGETS: readonly FlagName[] = ['tag', 'image', 'pin'];

/** The flags of the form without a verb, and what contradicts what. */
export function buildOptions(filled: Filled): RepullOptions | Problem {
  const { flags } = filled;
  const tag = optional(filled, flags.get('tag'), readTag);
  const image = optional(filled, flags.get('image'), readImage);
  const workload = optional(filled, flags.get('workload'), readWorkload);
  const container = optional(filled, flags.get('container'), (text) => readObjectName(text, 'container'));
  const pod = optional(filled, flags.get('pod'), (text) => readObjectName(text, 'pod'));
  const reason = optional(filled, flags.get('reason'), readReason);
  const at = optional(filled, flags.get('at'), readAt);
  for (const each of [tag, image, workload, container, pod, reason, at]) if ('wrong' in each) return each;
  if (flags.has('override') && !flags.has('reason')) return { wrong: '--override breaks the glass: say why with --reason "…".' };
  const via = chooseMethod(filled);
  if (typeof via !== 'string') return via;
  return {
    via,
    ...given('tag', tag),
    ...given('image', image),
    ...given('workload', workload),
    ...given('container', container),
    ...given('pod', pod),
    ...given('reason', reason),
    ...given('at', at),
    dryRun: flags.has('dry-run'),
    force: flags.has('force'),
    forceDelete: flags.has('force-delete'),
    ...(flags.has('now') ? { now: true as const } : {}),
    ...(flags.has('override') ? { override: true as const } : {}),
  };
}

/** The field, where the flag was given. */
export function given<K extends string, T>(key: K, read: { value: T | undefined } | Problem): { [P in K]?: T } {
  return 'value' in read && read.value !== undefined ? ({ [key]: read.value } as { [P in K]?: T }) : {};
}

function chooseMethod(filled: Filled): Method | Problem {
  const { flags } = filled;
  const [target, other] = TARGETS.filter((name) => flags.has(name));
  if (target !== undefined && other !== undefined)
    return { wrong: `--${target} and --${other} exclude each other: one image can be run.`, fix: without(filled, other) };
  const via = optional(filled, flags.get('via'), readMethod);
  if ('wrong' in via) return via;
  const implied = IMPLIED.filter(([name]) => flags.has(name));
  const [first] = implied;
  if (first === undefined) {
    if (via.value === 'set-image') return { wrong: '--via set-image needs to know which image: add --tag T or --image REF.' };
    return via.value ?? 'auto';
  }
  const [name, method] = first;
  const clash = implied.find(([, each]) => each !== method);
  if (clash !== undefined)
    return {
      wrong: `--${name} (method ${method}) and --${clash[0]} (method ${clash[1]}) exclude each other.`,
      fix: without(filled, clash[0]),
    };
  if (via.value !== undefined && via.value !== 'auto' && via.value !== method) {
    return { wrong: `--${name} means --via ${method}, which contradicts --via ${via.value}.`, fix: without(filled, 'via') };
  }
  return method;
}

/** The same line without this flag and its value. */
function without(filled: Filled, name: FlagName): Filled['tokens'][number][] {
  const at = filled.tokens.findIndex((token) => !token.quoted && token.text === `--${name}`);
  const takesNext = filled.flags.get(name) !== '' && filled.tokens[at]?.value === undefined;
  return filled.tokens.filter((_, index) => index !== at && !(takesNext && index === at + 1));
}
