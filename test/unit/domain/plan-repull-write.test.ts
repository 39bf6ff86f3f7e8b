import { describe, expect, it } from 'vitest';
import type { Owner } from '../../../src/domain/workload.ts';
import {
  aContainer,
  aDeployment,
  aNode,
  aSnapshot,
  aStatefulSet,
  aViewOf,
  digest,
  IMAGE,
  NEW,
  OLD,
  REPOSITORY,
  REQUEST,
} from '../../support/builders.ts';
import { type World, planned, refused, outcome, patch } from './a-plan.ts';

describe('a new tag or image', () => {
  it('is written into every container of that repository', () => {
    const containers = [aContainer(), aContainer({ name: 'migrate', role: 'init', pullPolicy: 'IfNotPresent' })];
    const write = patch({ ask: { via: 'set-image', tag: 'v2' }, views: [aDeployment({ containers })] });
    expect(write.images).toEqual([
      { container: 'app', role: 'container', image: `${REPOSITORY}:v2` },
      { container: 'migrate', role: 'init', image: `${REPOSITORY}:v2` },
    ]);
  });

  const meshed = [aContainer(), aContainer({ name: 'proxy', image: 'mesh/proxy:v1' })];
  it('is never guessed among several repositories', () => {
    expect(refused({ ask: { via: 'set-image', tag: 'v2' }, views: [aDeployment({ containers: meshed })] })).toMatchObject({
      code: 'bad-usage',
      evidence: expect.stringContaining('proxy (mesh/proxy:v1)'),
      remedy: 'say which one with --container',
    });
    expect(
      patch({ ask: { via: 'set-image', tag: 'v2', container: 'proxy' }, views: [aDeployment({ containers: meshed })] }).images,
    ).toEqual([{ container: 'proxy', role: 'container', image: 'mesh/proxy:v2' }]);
  });

  it('--image goes to the container of its repository, in whatever form that is written', () => {
    const containers = [aContainer({ image: 'docker.io/shop/api:v1' }), aContainer({ name: 'proxy', image: 'mesh/proxy:v1' })];
    const write = patch({ ask: { via: 'set-image', image: 'shop/api:v2' }, views: [aDeployment({ containers })] });
    expect(write.images).toEqual([{ container: 'app', role: 'container', image: 'shop/api:v2' }]);
  });

  it('--image of another repository replaces a single container, and is not guessed among several', () => {
    expect(patch({ ask: { via: 'set-image', image: 'other/api:v9' } }).images[0]?.image).toBe('other/api:v9');
    expect(outcome({ ask: { via: 'set-image', image: 'other/api:v9' }, views: [aDeployment({ containers: meshed })] })).toBe('bad-usage');
  });

  it.each`
    pullPolicy        | outcome
    ${'Always'}       | ${'set-image'}
    ${'IfNotPresent'} | ${'would-not-pull'}
  `('that is the one it runs already, with $pullPolicy → $outcome', ({ pullPolicy, outcome: expected }) => {
    expect(outcome({ ask: { via: 'set-image', tag: 'v1' }, views: [aDeployment({ pullPolicy })] })).toBe(expected);
  });

  it('is a change also where it holds the bits that run', () => {
    expect(outcome({ ask: { via: 'set-image', tag: 'v2' }, views: [aDeployment({ running: NEW })] })).toBe('set-image');
  });

  it('warns that nodes may hold that tag already', () => {
    const made = planned({ ask: { via: 'set-image', tag: 'v2' }, views: [aDeployment({ pullPolicy: 'IfNotPresent' })] });
    expect(made.warnings.some((text) => text.includes('has this tag already'))).toBe(true);
  });

  it('must be given for --via set-image', () => {
    expect(refused({ ask: { via: 'set-image' } })).toMatchObject({ code: 'bad-usage', evidence: 'it needs --tag or --image' });
  });
});

describe('which workload and container is meant', () => {
  it('an unknown container is refused with the list', () => {
    expect(refused({ ask: { container: 'nope' } })).toMatchObject({
      code: 'unknown-container',
      remedy: 'containers of deployment/my-app: app',
    });
  });

  it('a container that one of two workloads has is found there', () => {
    const cache = aStatefulSet({ workload: { name: 'my-app-cache' }, containers: [aContainer({ name: 'redis' })] });
    expect(planned({ ask: { container: 'redis' }, views: [aDeployment(), cache] }).workloads.map((each) => each.workload.name)).toEqual([
      'my-app-cache',
    ]);
  });

  it('an unknown workload is refused with the list', () => {
    expect(refused({ ask: { workload: 'deployment/nope' } })).toMatchObject({
      code: 'unknown-workload',
      remedy: 'workloads of my-app: deployment/my-app',
    });
  });

  it('one workload in the way stops the whole, and the answer says how to go on without it', () => {
    const job = aViewOf('Job', { workload: { name: 'my-app-clean' } });
    const failure = refused({ views: [job, aDeployment()] });
    expect(failure.code).toBe('unsupported-kind');
    expect(failure.evidence).toContain('job/my-app-clean');
    expect(failure.remedy).toContain('/repull my-app prod --workload deployment/my-app');
    expect(outcome({ ask: { workload: 'deployment/my-app' }, views: [job, aDeployment()] })).toBe('restart');
  });
});

describe('the write', () => {
  it('is one patch with everything in it: image, policy, stamp and time', () => {
    const containers = [aContainer({ pullPolicy: 'IfNotPresent' }), aContainer({ name: 'migrate', role: 'init', pullPolicy: 'Never' })];
    expect(patch({ ask: { via: 'always' }, views: [aDeployment({ containers })] })).toEqual({
      action: 'patch-template',
      workload: { kind: 'Deployment', namespace: 'shop', name: 'my-app' },
      uid: 'uid-my-app',
      resourceVersion: '100',
      annotations: { 'repull.dev/request': REQUEST, 'kubectl.kubernetes.io/restartedAt': '2026-12-01T21:00:00Z' },
      images: [],
      pullPolicies: [
        { container: 'app', role: 'container', pullPolicy: 'Always' },
        { container: 'migrate', role: 'init', pullPolicy: 'Always' },
      ],
    });
  });

  it('pins what needs a pin and leaves what fetches anyway', () => {
    const containers = [aContainer({ pullPolicy: 'IfNotPresent' }), aContainer({ name: 'side', role: 'sidecar', image: 'shop/side:v3' })];
    expect(patch({ views: [aDeployment({ containers })] }).images).toEqual([
      { container: 'app', role: 'container', image: `${IMAGE}@${NEW}` },
    ]);
    expect(patch({ ask: { via: 'pin' }, views: [aDeployment({ containers })] }).images.length).toBe(2);
  });

  it('pins an image without a tag as latest, so that the pin can be moved', () => {
    expect(patch({ ask: { via: 'pin' }, views: [aDeployment({ image: 'shop/api' })] }).images[0]?.image).toBe(`shop/api:latest@${NEW}`);
  });

  it('of a restart changes nothing but annotations', () => {
    expect(patch()).toMatchObject({ images: [], pullPolicies: [] });
  });
});

describe('warnings', () => {
  const text = (world: World) => planned(world).warnings.join('\n');
  it('name a mutable tag and offer the pin, and stop once it is pinned', () => {
    expect(text({})).toContain(`${IMAGE} is a mutable tag`);
    expect(text({})).toContain('--pin');
    expect(text({ ask: { via: 'pin' } })).not.toContain('mutable tag');
  });

  it.each`
    what                   | view                                                                                                                  | says
    ${'an autoscaler'}     | ${aDeployment({ view: { autoscaler: { name: 'my-app', min: 2, max: 9 } } })}                                          | ${'2 to 9'}
    ${'a single pod'}      | ${aStatefulSet({ replicas: 1 })}                                                                                      | ${'single pod'}
    ${'Recreate'}          | ${aDeployment({ workload: { strategy: { type: 'Recreate' } } })}                                                      | ${'all 2 pods stop'}
    ${'mixed digests'}     | ${aDeployment({ running: [OLD, digest('older')] })}                                                                   | ${'2 different digests'}
    ${'an image volume'}   | ${aDeployment({ workload: { imageVolumes: [{ name: 'model', reference: 'shop/model:v1', pullPolicy: 'Always' }] } })} | ${'unverifiable'}
    ${'a running rollout'} | ${aDeployment({ workload: { status: { replicas: 3, updated: 1, ready: 2, available: 2, conditions: [] } } })}         | ${'a rollout is not finished'}
  `('tell of $what', ({ view, says }) => {
    expect(text({ views: [view] })).toContain(says);
  });

  it('tell of a container that is left out, and why', () => {
    const containers = [aContainer(), aContainer({ name: 'cache', image: 'redis:7', pullPolicy: 'Never' })];
    expect(text({ views: [aDeployment({ containers })] })).toContain('cache is left as it is: its pull policy is Never');
    const pinned = [aContainer(), aContainer({ name: 'cache', image: `redis@${OLD}` })];
    expect(text({ views: [aDeployment({ containers: pinned })] })).toContain('cache is left as it is: its image is a digest');
  });

  it('tell of Helm where one container of several changes, and not where none does', () => {
    const containers = [aContainer(), aContainer({ name: 'proxy', image: 'mesh/proxy:v1' })];
    const owners: Owner[] = [{ by: 'helm', name: 'shop', evidence: 'label' }];
    const view = aDeployment({ containers, workload: { owners } });
    expect(text({ ask: { via: 'pin', container: 'app' }, views: [view] })).toContain('Helm release shop');
    expect(text({ views: [view] })).not.toContain('Helm');
  });

  it('do not cry over a single pod that is replaced before it goes', () => {
    expect(text({ views: [aDeployment({ replicas: 1 })] })).not.toContain('single pod');
  });

  it('tell of a node that is away', () => {
    expect(text({ snapshot: { ...aSnapshot(aDeployment()), nodes: [aNode({ ready: false }), aNode({ name: 'node-2' })] } })).toContain(
      'node-1 is not ready',
    );
  });
});
