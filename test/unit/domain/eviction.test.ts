import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextEviction } from '../../../src/domain/next-eviction.ts';
import { observe } from '../../../src/domain/observe.ts';
import type { Symptoms } from '../../../src/domain/rollout.ts';
import type { Pod, WorkloadView } from '../../../src/domain/workload.ts';
import { aBudget, aDeployment, aPod, aPodContainer, NOW, REQUEST } from '../../support/builders.ts';
import { aContainerPlan, anEvictPlan } from '../../support/plan-builders.ts';

const SECOND = 1000;
const one = aPod({ name: 'my-app-1' });
const two = aPod({ name: 'my-app-2' });
const fresh = (name: string, over: Partial<Pod> = {}): Pod => aPod({ name, createdAt: NOW, readySince: NOW, ...over });
const unready = (pod: Pod): Pod => ({
  ...pod,
  ready: false,
  containers: [aPodContainer({ ready: false, state: { is: 'waiting', reason: 'ContainerCreating' } })],
});

const view = (pods: Pod[], over: Partial<WorkloadView> = {}): WorkloadView => aDeployment({ view: { pods, ...over } });
const plan = anEvictPlan();

describe('which pod may go next', () => {
  it.each`
    what                                    | pods                                            | evicted               | next
    ${'nothing has happened yet'}           | ${[one, two]}                                   | ${[]}                 | ${{ evict: { name: 'my-app-1', uid: one.uid } }}
    ${'one that cannot serve goes first'}   | ${[one, unready(two)]}                          | ${[]}                 | ${{ evict: { name: 'my-app-2', uid: two.uid } }}
    ${'one is terminating'}                 | ${[{ ...one, deleting: true }, two]}            | ${[one.uid]}          | ${{ wait: 'my-app-1 is terminating' }}
    ${'its successor is not created'}       | ${[two]}                                        | ${[one.uid]}          | ${{ wait: '1 of 2 pods are still to be created' }}
    ${'its successor is not ready'}         | ${[two, unready(fresh('n1'))]}                  | ${[one.uid]}          | ${{ wait: 'n1 is not ready' }}
    ${'its successor is ready'}             | ${[two, fresh('n1')]}                           | ${[one.uid]}          | ${{ evict: { name: 'my-app-2', uid: two.uid } }}
    ${'the last successor is not ready'}    | ${[fresh('n1'), unready(fresh('n2'))]}          | ${[one.uid, two.uid]} | ${{ wait: 'n2 is not ready' }}
    ${'all are replaced'}                   | ${[fresh('n1'), fresh('n2')]}                   | ${[one.uid, two.uid]} | ${{ done: true }}
    ${'the answer to an eviction was lost'} | ${[two, one]}                                   | ${[two.uid]}          | ${{ evict: { name: 'my-app-2', uid: two.uid } }}
    ${'a worker died and forgot'}           | ${[two, fresh('n1')]}                           | ${[]}                 | ${{ evict: { name: 'my-app-2', uid: two.uid } }}
    ${'a pod came back under its name'}     | ${[two, fresh('my-app-1', { uid: 'another' })]} | ${[one.uid]}          | ${{ evict: { name: 'my-app-2', uid: two.uid } }}
  `('$what → $next', ({ pods, evicted, next }) => {
    expect(nextEviction(view(pods), plan, evicted)).toEqual(next);
  });

  it('waits until the successor counts as available', () => {
    const slow = (available: number) => ({
      ...view([two, fresh('n1')]),
      workload: { ...view([]).workload, minReadySeconds: 20, status: { replicas: 2, updated: 2, ready: 2, available, conditions: [] } },
    });
    expect(nextEviction(slow(1), plan, [one.uid])).toEqual({ wait: 'the newest pod has not been ready for 20 s' });
    expect(nextEviction(slow(2), plan, [one.uid])).toMatchObject({ evict: { name: 'my-app-2' } });
  });

  it('is not held back for ever by a pod that was broken before', () => {
    const three = unready(aPod({ name: 'my-app-3' }));
    const single = anEvictPlan({ pods: [one, two, three].map(({ name, uid }) => ({ name, uid, ready: true })) });
    const only = { ...single, write: { ...single.write, pods: [{ name: 'my-app-1', uid: one.uid }] } } as typeof single;
    expect(nextEviction(aDeployment({ replicas: 3, view: { pods: [one, two, three] } }), only, [])).toMatchObject({
      evict: { name: 'my-app-1' },
    });
  });

  it('has nothing to say about a plan that writes the template', () => {
    expect(nextEviction(view([one]), { ...plan, write: { ...anEvictPlan().write, action: 'patch-template' } as never }, [])).toEqual({
      done: true,
    });
  });

  /** A ReplicaSet and its kubelets, one step at a time. */
  function run(replicas: number, steps: readonly number[]) {
    let pods: Pod[] = Array.from({ length: replicas }, (_, index) => aPod({ name: `old-${index}` }));
    const many = anEvictPlan({ replicas, pods: pods.map(({ name, uid }) => ({ name, uid, ready: true })) });
    const evicted: string[] = [];
    let lowest = replicas;
    let born = 0;
    const live = () => pods.filter((pod) => !pod.deleting);
    const moves = [
      () => {
        const next = nextEviction(aDeployment({ replicas, view: { pods } }), many, evicted);
        if (!('evict' in next)) return;
        evicted.push(next.evict.uid);
        pods = pods.map((pod) => (pod.uid === next.evict.uid ? { ...pod, deleting: true } : pod));
      },
      () => {
        pods = pods.filter((pod) => !pod.deleting);
      },
      () => {
        if (live().length < replicas) {
          born += 1;
          pods = [...pods, unready(fresh(`new-${born}`))];
        }
      },
      () => {
        pods = pods.map((pod) => (pod.deleting || pod.ready ? pod : fresh(pod.name)));
      },
    ];
    const step = (index: number) => {
      moves[index % moves.length]?.();
      lowest = Math.min(lowest, live().filter((pod) => pod.ready).length);
    };
    for (const each of steps) step(each);
    // However chance had it, the rest goes round in order.
    for (let round = 0; round < 4 * (replicas + 2); round += 1) step(round);
    return {
      lowest,
      evicted,
      names: pods.map((pod) => pod.name),
      end: nextEviction(aDeployment({ replicas, view: { pods } }), many, evicted),
    };
  }

  it('never takes a second pod before the first is replaced and ready, in any order of events, and ends', () => {
    const safe = fc.property(fc.integer({ min: 1, max: 6 }), fc.array(fc.nat(3), { maxLength: 60 }), (replicas, steps) => {
      const { lowest, evicted, names, end } = run(replicas, steps);
      return (
        lowest >= replicas - 1 && new Set(evicted).size === replicas && 'done' in end && names.every((name) => name.startsWith('new-'))
      );
    });
    expect(() => fc.assert(safe)).not.toThrow();
  });
});

describe('how far an eviction is', () => {
  const look = (
    pods: Pod[],
    over: { evicted?: string[]; view?: Partial<WorkloadView>; now?: number; symptoms?: Symptoms; single?: boolean } = {},
  ) => {
    const single = { ...plan, write: { ...plan.write, pods: [{ name: 'my-app-1', uid: one.uid }] } } as typeof plan;
    return observe({
      view: view(pods, over.view),
      plan: over.single === true ? single : plan,
      containers: [aContainerPlan()],
      request: REQUEST,
      evidence: [],
      nodes: { facts: [], lost: [] },
      symptoms: over.symptoms ?? {},
      evicted: over.evicted ?? [],
      now: over.now ?? NOW + 3 * SECOND,
    });
  };

  it.each`
    what                           | pods                                                      | observation
    ${'nothing yet'}               | ${[one, two]}                                             | ${{ phase: 'updating', updated: 0, desired: 2 }}
    ${'one is going'}              | ${[{ ...one, deleting: true }, two]}                      | ${{ phase: 'updating', updated: 0, desired: 2 }}
    ${'one is replaced'}           | ${[two, fresh('n1')]}                                     | ${{ phase: 'updating', updated: 1, desired: 2 }}
    ${'all are gone, one starts'}  | ${[fresh('n1'), unready(fresh('n2'))]}                    | ${{ phase: 'settling', available: 1, desired: 2 }}
    ${'all are gone, one missing'} | ${[fresh('n1')]}                                          | ${{ phase: 'settling', available: 1, desired: 2 }}
    ${'the last one is going'}     | ${[{ ...one, deleting: true }, fresh('n1'), fresh('n2')]} | ${{ phase: 'retiring', old: 1 }}
    ${'all are replaced'}          | ${[fresh('n1'), fresh('n2')]}                             | ${{ phase: 'complete' }}
  `('$what', ({ pods, observation }) => {
    expect(look(pods).progress.observation).toEqual(observation);
  });

  it('of one pod by name asks for one successor and leaves the others alone', () => {
    expect(look([one, two], { single: true }).progress.observation).toEqual({ phase: 'updating', updated: 0, desired: 1 });
    expect(look([two, unready(fresh('n1'))], { single: true }).progress.observation).toEqual({
      phase: 'settling',
      available: 0,
      desired: 1,
    });
    expect(look([unready(two), fresh('n1')], { single: true }).progress.observation.phase).toBe('complete');
  });

  it('does not wait for a successor that an autoscaler no longer wants', () => {
    const smaller = { workload: { ...view([]).workload, replicas: 1 } };
    expect(look([fresh('n1')], { view: smaller }).progress.observation.phase).toBe('complete');
  });

  it('lists the successors, counts who is left, and names the budget in the way', () => {
    const { progress } = look([two, fresh('n1')], { view: { budgets: [aBudget({ allowed: 0 })] } });
    expect(progress).toMatchObject({ old: 1, desired: 2, blockedBy: 'my-app' });
    expect(progress.pods.map((each) => each.pod)).toEqual(['n1']);
  });

  it('gives a budget its ten minutes, also where the deadline of a rollout would be over', () => {
    const base = view([one, two]);
    const workload = { ...base.workload, progressDeadlineSeconds: 60 };
    const at = (second: number, symptoms: Symptoms) =>
      look([one, two], { view: { workload, budgets: [aBudget({ allowed: 0 })] }, now: NOW + second * 1000, symptoms });
    const seen = at(0, {});
    const later = at(300, seen.symptoms);
    expect(later.progress.observation.phase).toBe('updating');
    expect(at(600, later.symptoms).progress.observation).toMatchObject({ because: { code: 'disruption-budget' } });
  });

  it('fails by a budget that said no for ten minutes, and stops where a successor cannot start', () => {
    const blocked = { budgets: [aBudget({ allowed: 0 })] };
    const first = look([one, two], { view: blocked, now: NOW });
    expect(first.progress.observation.phase).toBe('updating');
    const later = look([one, two], { view: blocked, now: NOW + 600 * SECOND, symptoms: first.symptoms });
    expect(later.progress.observation).toMatchObject({ phase: 'stalled', because: { code: 'disruption-budget', subject: 'my-app' } });
    const crashed = {
      ...unready(fresh('n1')),
      containers: [aPodContainer({ ready: false, restartCount: 2, state: { is: 'waiting' as const, reason: 'CrashLoopBackOff' } })],
    };
    expect(look([two, crashed]).progress.observation).toMatchObject({ phase: 'stalled', because: { code: 'container-crashed' } });
  });

  it('is superseded when somebody changes the image meanwhile', () => {
    const changed = {
      ...view([]).workload,
      containers: [{ name: 'app', role: 'container' as const, image: 'shop/api:v9', pullPolicy: 'Always' as const }],
      templateManagers: [{ manager: 'kubectl-set', at: NOW }],
    };
    expect(look([one, two], { view: { workload: changed } }).progress.observation).toEqual({ phase: 'superseded', by: 'kubectl-set' });
  });

  it('is not stopped by the failed rollout of somebody before', () => {
    const conditions = [
      {
        type: 'Progressing',
        status: 'False' as const,
        reason: 'ProgressDeadlineExceeded',
        message: 'ReplicaSet "my-app-rev1" has timed out progressing.',
      },
    ];
    const workload = { ...view([]).workload, status: { replicas: 2, updated: 2, ready: 2, available: 2, conditions } };
    expect(look([one, two], { view: { workload } }).progress.observation.phase).toBe('updating');
  });
});
