import { describe, expect, it } from 'vitest';
import { imagesToRestore, planRollback, stuckPods } from '../../../src/domain/plan-rollback.ts';
import type { ContainerPlan, Plan } from '../../../src/domain/plan.ts';
import type { RegistryAnswer } from '../../../src/domain/registry-answer.ts';
import { STAMP } from '../../../src/domain/workload.ts';
import type { WorkloadView } from '../../../src/domain/workload.ts';
import {
  aContainer,
  aDeployment,
  anAsk,
  aPod,
  aSnapshot,
  aStatefulSet,
  digest,
  IMAGE,
  NEW,
  NOW,
  OLD,
  REPOSITORY,
  REQUEST,
} from '../../support/builders.ts';
import { aContainerPlan, anAnswer, aPlan, aWorkloadPlan, noAnswer } from '../../support/plan-builders.ts';

const back = (
  view: WorkloadView | undefined,
  before: Partial<ContainerPlan> = {},
  answer: RegistryAnswer = anAnswer({ digest: OLD }),
  force = false,
) => {
  const plan: Plan = aPlan({ containers: [aContainerPlan(before)] });
  return planRollback({
    ask: anAsk({ kind: 'rollback', via: 'pin', undoes: 'r-old', force }),
    request: REQUEST,
    at: NOW,
    snapshot: aSnapshot(...(view === undefined ? [] : [view])),
    answers: new Map(imagesToRestore(plan).map((image) => [image, answer])),
    undone: { id: 'r-old', plan },
  });
};
const planned = (...args: Parameters<typeof back>) => {
  const result = back(...args);
  if ('refused' in result) throw new Error(JSON.stringify(result.refused));
  return result.plan;
};
const code = (...args: Parameters<typeof back>) => {
  const result = back(...args);
  return 'refused' in result ? result.refused.code : 'planned';
};

describe('rolling back', () => {
  it('pins the recorded digest, never the tag', () => {
    const made = planned(aDeployment({ running: NEW }));
    expect(made.workloads[0]).toMatchObject({
      method: 'pin',
      write: {
        action: 'patch-template',
        annotations: { [STAMP]: REQUEST, 'kubectl.kubernetes.io/restartedAt': '2026-12-01T21:00:00Z' },
        images: [{ container: 'app', role: 'container', image: `${IMAGE}@${OLD}` }],
        pullPolicies: [],
      },
    });
    expect(made.containers).toMatchObject([{ image: IMAGE, imageAfter: `${IMAGE}@${OLD}`, running: [NEW], concerned: true }]);
  });

  it.each`
    was                                    | ran           | image
    ${IMAGE}                               | ${[OLD]}      | ${`${IMAGE}@${OLD}`}
    ${REPOSITORY}                          | ${[OLD]}      | ${`${REPOSITORY}:latest@${OLD}`}
    ${`${IMAGE}@${digest('pinned')}`}      | ${[OLD]}      | ${`${IMAGE}@${digest('pinned')}`}
    ${`${REPOSITORY}@${digest('pinned')}`} | ${[]}         | ${`${REPOSITORY}@${digest('pinned')}`}
    ${IMAGE}                               | ${[OLD, NEW]} | ${`${IMAGE}@${OLD}`}
  `('from $was that ran $ran to $image', ({ was, ran, image }) => {
    expect(imagesToRestore(aPlan({ containers: [aContainerPlan({ image: was, running: ran })] }))).toEqual([image]);
  });

  describe('where the runtime named the old image by something else than its own repository', () => {
    const other = 'registry.example/aaa/other';
    const flipped = aContainerPlan({ shownAs: { [OLD]: other } });
    const answersWhere = (known: (image: string) => boolean) =>
      new Map(
        imagesToRestore(aPlan({ containers: [flipped] })).map((image) => [
          image,
          known(image) ? anAnswer({ digest: OLD }) : noAnswer('not-found', 'manifest unknown'),
        ]),
      );
    const undo = (known: (image: string) => boolean) =>
      planRollback({
        ask: anAsk({ kind: 'rollback', via: 'pin', undoes: 'r-old' }),
        request: REQUEST,
        at: NOW,
        snapshot: aSnapshot(aDeployment({ running: NEW })),
        answers: answersWhere(known),
        undone: { id: 'r-old', plan: aPlan({ containers: [flipped] }) },
      });

    it('goes back to it in its own repository, if that has it', () => {
      expect(undo(() => true)).toMatchObject({ plan: { containers: [{ imageAfter: `${IMAGE}@${OLD}` }], warnings: [] } });
    });

    it('goes back to it where the node had it from, if only that has it, and says so', () => {
      expect(undo((image) => image.startsWith(other))).toMatchObject({
        plan: { containers: [{ imageAfter: `${other}@${OLD}` }], warnings: [expect.stringContaining(`goes back to ${other}@${OLD}`)] },
      });
    });

    it('says that it is gone where nobody has it', () => {
      expect(undo(() => false)).toMatchObject({ refused: { code: 'image-not-found', subject: `${IMAGE}@${OLD}` } });
    });

    it('does not take the digest of a config for one that can be fetched', () => {
      const bare = { running: [OLD, NEW], shownAs: { [OLD]: 'config' } };
      expect(imagesToRestore(aPlan({ containers: [aContainerPlan(bare)] }))).toEqual([`${IMAGE}@${NEW}`]);
      expect(code(aDeployment({ running: NEW }), { running: [OLD], shownAs: { [OLD]: 'config' } })).toBe('nothing-recorded');
    });

    it('is back once its pods show any digest of it', () => {
      const answer = anAnswer({
        digest: OLD,
        identities: [
          { digest: OLD, of: 'index' },
          { digest: digest('child'), of: 'manifest' },
        ],
      });
      const view = aDeployment({ image: `${IMAGE}@${OLD}`, running: digest('child') });
      expect(code(view, {}, answer)).toBe('nothing-new');
      expect(code(aDeployment({ image: `${IMAGE}@${OLD}`, running: NEW }), {}, answer)).toBe('planned');
    });
  });

  it('goes back from another tag to the old tag and its digest', () => {
    const made = planned(aDeployment({ image: `${REPOSITORY}:v2`, running: NEW }));
    expect(made.containers[0]).toMatchObject({ image: `${REPOSITORY}:v2`, imageAfter: `${IMAGE}@${OLD}` });
  });

  it('works while new pods cannot start and old ones still run', () => {
    expect(code(aDeployment({ image: `${REPOSITORY}:v2`, running: OLD }))).toBe('planned');
  });

  it.each`
    what                              | view                                                       | before             | code
    ${'nothing was recorded'}         | ${aDeployment()}                                           | ${{ running: [] }} | ${'nothing-recorded'}
    ${'the workload is gone'}         | ${undefined}                                               | ${{}}              | ${'nothing-recorded'}
    ${'it runs the old digest again'} | ${aDeployment({ image: `${IMAGE}@${OLD}`, running: OLD })} | ${{}}              | ${'nothing-new'}
    ${'it is paused'}                 | ${aDeployment({ workload: { paused: true } })}             | ${{}}              | ${'workload-paused'}
    ${'it has no replicas'}           | ${aDeployment({ replicas: 0 })}                            | ${{}}              | ${'no-replicas'}
  `('is refused where $what → $code', ({ view, before, code: expected }) => {
    expect(code(view, before)).toBe(expected);
  });

  it('is refused where the registry has thrown the old image away, unless forced', () => {
    const gone = noAnswer('not-found', 'manifest unknown');
    expect(code(aDeployment({ running: NEW }), {}, gone)).toBe('image-not-found');
    expect(code(aDeployment({ running: NEW }), {}, gone, true)).toBe('planned');
  });

  it('goes on while the registry is away, and says that it is unknown', () => {
    expect(planned(aDeployment({ running: NEW }), {}, noAnswer()).warnings.join()).toContain('could not be asked whether it still has');
  });

  it.each`
    what                       | view                                                                                                | before                                                | says
    ${'a workload made again'} | ${aDeployment({ running: NEW, workload: { uid: 'another' } })}                                      | ${{}}                                                 | ${'created again'}
    ${'Argo CD'}               | ${aDeployment({ running: NEW, workload: { owners: [{ by: 'argo-cd', evidence: 'annotation' }] } })} | ${{}}                                                 | ${'argo-cd will probably take this back'}
    ${'a policy of Never'}     | ${aDeployment({ running: NEW })}                                                                    | ${{ pullPolicy: 'Never', pullPolicyAfter: 'Always' }} | ${'cannot start it'}
    ${'a mixed past'}          | ${aDeployment({ running: NEW })}                                                                    | ${{ running: [OLD, digest('older')] }}                | ${'2 different digests'}
  `('warns of $what', ({ view, before, says }) => {
    expect(planned(view, before).warnings.join('\n')).toContain(says);
  });

  it('puts the recorded pull policy back in the same patch', () => {
    const made = planned(aDeployment({ running: NEW }), { pullPolicy: 'IfNotPresent', pullPolicyAfter: 'Always' });
    expect(made.containers[0]).toMatchObject({ pullPolicy: 'Always', pullPolicyAfter: 'IfNotPresent' });
    expect(made.workloads[0]?.write).toMatchObject({
      images: [{ container: 'app', image: `${IMAGE}@${OLD}` }],
      pullPolicies: [{ container: 'app', role: 'container', pullPolicy: 'IfNotPresent' }],
    });
  });

  it('is not done while only the policy is still to be put back', () => {
    const back = aDeployment({ image: `${IMAGE}@${OLD}`, running: OLD });
    expect(code(back, { pullPolicy: 'IfNotPresent', pullPolicyAfter: 'Always' })).toBe('planned');
  });

  it('leaves a policy alone that somebody changed since, and one that the request never touched', () => {
    const changed = planned(aDeployment({ running: NEW, pullPolicy: 'Never' }), { pullPolicy: 'IfNotPresent', pullPolicyAfter: 'Always' });
    expect(changed.workloads[0]?.write).toMatchObject({ pullPolicies: [] });
    const untouched = planned(aDeployment({ running: NEW, pullPolicy: 'IfNotPresent' }));
    expect(untouched.workloads[0]?.write).toMatchObject({ pullPolicies: [] });
  });

  it('goes back to the other tag where no pod showed a digest, and says so', () => {
    const was = { image: `${REPOSITORY}:v0`, imageAfter: IMAGE, running: [] };
    const made = planned(aDeployment({ running: NEW }), was);
    expect(made.containers[0]?.imageAfter).toBe(`${REPOSITORY}:v0`);
    expect(made.warnings.join()).toContain('no pod of app showed its digest then');
    expect(code(aDeployment({ running: NEW }), { image: IMAGE, imageAfter: `${IMAGE}@${NEW}`, running: [] })).toBe('nothing-recorded');
  });

  it('evicts the pods that no controller replaces', () => {
    const made = planned(aStatefulSet({ running: NEW, workload: { name: 'my-app', strategy: { type: 'OnDelete' } } }), {
      workload: { kind: 'StatefulSet', namespace: 'shop', name: 'my-app' },
    });
    expect(made.workloads[0]).toMatchObject({ write: { action: 'patch-template' } });
    expect(made.workloads[0]?.second).toMatchObject({ action: 'evict', pods: [{}, {}] });
  });

  it('leaves neighbours as they are', () => {
    const containers = [aContainer(), aContainer({ name: 'proxy', image: 'mesh/proxy:v1' })];
    const made = planned(aDeployment({ containers, running: NEW }));
    expect(made.containers.map((each) => [each.container, each.concerned])).toEqual([
      ['app', true],
      ['proxy', false],
    ]);
  });

  it('leaves one that has no pods now, brings the others back, and says so', () => {
    const db = { kind: 'StatefulSet' as const, namespace: 'shop', name: 'db' };
    const result = planRollback({
      ask: anAsk({ kind: 'rollback', undoes: 'r-old' }),
      request: REQUEST,
      at: NOW,
      snapshot: aSnapshot(aDeployment({ running: NEW }), aStatefulSet({ replicas: 0, workload: { name: 'db' } })),
      answers: new Map([[`${IMAGE}@${OLD}`, anAnswer({ digest: OLD })]]),
      undone: { id: 'r-old', plan: aPlan({ containers: [aContainerPlan(), aContainerPlan({ workload: db })] }) },
    });
    expect(result).toMatchObject({ plan: { workloads: [{ workload: { name: 'my-app' } }] } });
    expect('plan' in result && result.plan.warnings.join()).toContain('statefulset/db has no pods now and keeps its template');
  });

  it('brings back what is there and names what is gone', () => {
    const other = { kind: 'StatefulSet' as const, namespace: 'shop', name: 'gone' };
    const plan = aPlan({
      workloads: [aWorkloadPlan(), aWorkloadPlan({ workload: other })],
      containers: [aContainerPlan(), aContainerPlan({ workload: other })],
    });
    const result = planRollback({
      ask: anAsk({ kind: 'rollback' }),
      request: REQUEST,
      at: NOW,
      snapshot: aSnapshot(aDeployment({ running: NEW })),
      answers: new Map(),
      undone: { id: 'r-old', plan },
    });
    expect(result).toMatchObject({ plan: { warnings: expect.arrayContaining(['statefulset/gone is gone and is not brought back']) } });
  });
});

describe('pods that keep a StatefulSet from rolling back', () => {
  const set = (over: Partial<WorkloadView['workload']> = {}): WorkloadView => {
    const base = aStatefulSet({ replicas: 3 });
    const pods = [
      aPod({ name: 'my-app-0', ordinal: 0, revision: 'rev1' }),
      aPod({ name: 'my-app-1', ordinal: 1, revision: 'rev2', ready: false }),
      aPod({ name: 'my-app-2', ordinal: 2, revision: 'rev3', ready: false }),
    ];
    return {
      ...base,
      pods,
      workload: {
        ...base.workload,
        templateAnnotations: { [STAMP]: REQUEST },
        ...over,
        status: { ...base.workload.status, updateRevision: 'rev3' },
      },
    };
  };

  it('are those that are not ready and not of the newest revision', () => {
    expect(stuckPods(set(), REQUEST).map(({ name }) => name)).toEqual(['my-app-1']);
  });

  it.each`
    what                                   | over
    ${'before the controller has seen it'} | ${{ generation: 3, observedGeneration: 2 }}
    ${'below the partition'}               | ${{ strategy: { type: 'RollingUpdate', partition: 2 } }}
    ${'of another request'}                | ${{ templateAnnotations: { [STAMP]: 'r-other' } }}
    ${'of a Deployment'}                   | ${{ kind: 'Deployment' }}
  `('are none $what', ({ over }) => {
    expect(stuckPods(set(over), REQUEST)).toEqual([]);
  });
});
