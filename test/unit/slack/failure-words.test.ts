import { describe, expect, it } from 'vitest';
import type { Failure, FailureCode } from '../../../src/domain/failure.ts';
import { FAILURE_WORDS } from '../../../src/slack/render/failure-words.ts';
import { failureLines } from '../../../src/slack/render/failure.ts';
import { speak } from '../../../src/slack/render/rich.ts';

const said = (failure: Failure, changed = false): string => failureLines(failure, changed).lines.map(speak).join('\n');

describe('a failure', () => {
  it('that pods ran into never says that nothing was changed', () => {
    for (const code of Object.keys(FAILURE_WORDS) as FailureCode[]) {
      if (!/nothing was changed/i.test(said({ code }))) continue;
      // What ends a request before its first write keeps its words.
      if (['approval-expired', 'image-not-found'].includes(code)) continue;
      throw new Error(`${code} says that nothing was changed`);
    }
    expect(said({ code: 'image-not-found', subject: 'a/app' })).toMatch(/so nothing was changed/);
    expect(said({ code: 'image-not-found', subject: 'a/app' }, true)).toBe(
      'The image of a/app is not in the registry.\n' +
        'The tag or the repository is missing, or it is private: registries answer a node without the right credentials alike.\n' +
        'Next: Push the tag again, or correct it. If it is there, check the imagePullSecrets of the workload. Then press Retry.',
    );
  });

  it('shows what to type to see more beside the next step, never instead of it', () => {
    const lines = said({ code: 'unschedulable', subject: 'a', look: 'kubectl -n shop describe pod a' });
    expect(lines).toMatch(/Next: Make room/);
    expect(lines).toMatch(/To see more: kubectl -n shop describe pod a$/);
  });

  it('takes the next step of whoever saw it where there is one', () => {
    expect(said({ code: 'node-gone', subject: 'a', remedy: 'bring node-2 back' })).toMatch(/Next: bring node-2 back$/);
  });
});
