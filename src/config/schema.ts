import { z } from 'zod';
import type { Outcome } from './outcome.ts';
import { fine, wrongUsage } from './outcome.ts';
import { PolicyFile } from './policy-schema.ts';

/** JSON Schema (2020-12) of the policy file, as one writes it: keys with a default may be left out. */
export const policySchema = (): object => z.toJSONSchema(PolicyFile, { io: 'input' });

/** `repull schema` */
export const printSchema = (args: readonly string[]): Outcome =>
  args.length === 0
    ? fine(JSON.stringify(policySchema(), null, 2))
    : wrongUsage(['repull schema takes no arguments.', 'Usage: repull schema']);
