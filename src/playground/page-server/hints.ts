import { FLAGS, FORMS, VERBS } from '../../command/grammar.ts';
import { usageLine } from '../../command/usage.ts';
import type { CommandHints } from './wire.ts';

/** What the composer offers: the apps of the policy, and the very table that the parser reads. */
export function commandHints(apps: CommandHints['apps'], environments: string[]): CommandHints {
  return {
    apps,
    environments,
    usage: usageLine('repull'),
    verbs: VERBS.filter((verb) => verb !== 'repull').map((verb) => ({ name: verb, usage: usageLine(verb), about: FORMS[verb].about })),
    flags: Object.entries(FLAGS).map(([name, flag]) => ({
      name: `--${name}`,
      about: flag.about,
      ...('value' in flag ? { value: flag.value } : {}),
    })),
  };
}
