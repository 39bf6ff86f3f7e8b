import type { Ask } from './request.ts';

/** What a corrected command line changes; `undefined` takes the option away. */
export type Changes = {
  [K in 'via' | 'tag' | 'image' | 'workload' | 'container' | 'pod' | 'force' | 'forceDelete' | 'now' | 'override' | 'reason']?:
    | Ask[K]
    | undefined;
};

/** A request as the person would type it, with something changed: the remedy under a refusal, to copy. */
export function commandLine(ask: Ask, changes: Changes = {}): string {
  const said = { ...ask, ...changes };
  const parts = ['/repull', said.app, said.environment];
  const option = (name: string, value: string | undefined): void => {
    if (value !== undefined) parts.push(name, value);
  };
  option('--tag', said.tag);
  option('--image', said.image);
  // These options say their method already.
  const implied =
    said.tag !== undefined || said.image !== undefined
      ? 'set-image'
      : said.pod !== undefined || said.forceDelete === true
        ? 'evict'
        : 'auto';
  if (said.via === 'pin') parts.push('--pin');
  else if (said.via !== undefined && said.via !== implied) option('--via', said.via);
  option('--workload', said.workload);
  option('--container', said.container);
  option('--pod', said.pod);
  option('--reason', said.reason === undefined ? undefined : quoted(said.reason));
  if (said.at === 'window') option('--at', 'window');
  if (said.dryRun) parts.push('--dry-run');
  if (said.force === true) parts.push('--force');
  if (said.now === true) parts.push('--now');
  if (said.override === true) parts.push('--override');
  if (said.forceDelete === true) parts.push('--force-delete');
  return parts.join(' ');
}

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll(/\s+/g, ' ')}"`;
