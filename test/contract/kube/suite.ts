import { afterAll, beforeAll, describe } from 'vitest';
import type { KubeSubject } from './subject.ts';
import { evictCases } from './evict-cases.ts';
import { patchCases } from './patch-cases.ts';
import { readCases } from './read-cases.ts';
import { rightsCases } from './rights-cases.ts';
import { watchCases } from './watch-cases.ts';

/** What the port `Cluster` must do, whichever cluster stands behind it: run on the simulation and on the real one. */
export function kubeClusterContract(name: string, setup: () => Promise<KubeSubject>): void {
  describe(`the cluster port on ${name}`, () => {
    let subject: KubeSubject | undefined;
    beforeAll(async () => {
      subject = await setup();
    });
    afterAll(async () => await subject?.close());
    const given = (): KubeSubject => {
      if (subject === undefined) throw new Error('the cluster is not set up');
      return subject;
    };
    readCases(given);
    patchCases(given);
    evictCases(given);
    watchCases(given);
    rightsCases(given);
  });
}
