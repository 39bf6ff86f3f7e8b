import { describe, expect, it } from 'vitest';
import {
  aContainer,
  aDeployment,
  aNode,
  aPod,
  aPodContainer,
  aSnapshot,
  aStatefulSet,
  digest,
  IMAGE,
  NEW,
  OLD,
  REPOSITORY,
} from '../../support/builders.ts';
import { anAnswer, noAnswer } from '../../support/plan-builders.ts';
import { planned, refused, outcome, patch } from './a-plan.ts';

describe('nothing new in the registry', () => {
  it('is refused, and --force offered', () => {
    const failure = refused({ views: [aDeployment({ running: NEW })] });
    expect(failure.code).toBe('nothing-new');
    expect(failure.remedy).toBe('/repull my-app prod --force');
  });

  it('goes on with --force', () => {
    expect(outcome({ ask: { force: true }, views: [aDeployment({ running: NEW })] })).toBe('restart');
  });

  it('does not hold where one pod of many runs something else', () => {
    expect(outcome({ views: [aDeployment({ replicas: 3, running: [NEW, OLD, NEW] })] })).toBe('restart');
  });

  it('does not hold where no pod shows a digest', () => {
    const view = aDeployment();
    const blank = {
      ...view,
      pods: view.pods.map((pod) => ({ ...pod, containers: pod.containers.map(({ imageId: _gone, ...each }) => each) })),
    };
    expect(outcome({ views: [blank] })).toBe('restart');
  });

  const config = digest('config');
  const child = digest('child');
  const armChild = digest('arm');
  const index = anAnswer({
    identities: [
      { digest: NEW, of: 'index' },
      { digest: child, of: 'manifest', platform: 'linux/amd64' },
      { digest: armChild, of: 'manifest', platform: 'linux/arm64/v8' },
      { digest: config, of: 'config', platform: 'linux/amd64' },
    ],
    platforms: ['linux/amd64', 'linux/arm64/v8'],
  });
  it.each`
    shown                               | outcome
    ${`${REPOSITORY}@${NEW}`}           | ${'nothing-new'}
    ${`${REPOSITORY}@${child}`}         | ${'nothing-new'}
    ${`docker-pullable://x/y@${child}`} | ${'nothing-new'}
    ${`elsewhere.example/other@${NEW}`} | ${'nothing-new'}
    ${config}                           | ${'nothing-new'}
    ${`${REPOSITORY}@${armChild}`}      | ${'restart'}
    ${`${REPOSITORY}@${OLD}`}           | ${'restart'}
    ${'a runtime of its own'}           | ${'restart'}
  `('is decided by the set of digests, whatever the runtime shows: $shown → $outcome', ({ shown, outcome: expected }) => {
    const view = aDeployment();
    const pods = view.pods.map((pod) => ({ ...pod, containers: pod.containers.map((each) => ({ ...each, imageId: shown })) }));
    expect(outcome({ views: [{ ...view, pods }], answer: index })).toBe(expected);
  });

  it('knows the child manifest of the platform that the pod runs on', () => {
    const view = aDeployment();
    const pods = view.pods.map((pod) => ({ ...pod, containers: pod.containers.map((each) => ({ ...each, imageId: `x@${armChild}` })) }));
    const nodes = [aNode({ architecture: 'arm64' }), aNode({ name: 'node-2', architecture: 'arm64' })];
    expect(outcome({ snapshot: { ...aSnapshot({ ...view, pods }), nodes }, answer: index })).toBe('nothing-new');
  });

  it('in one workload of two leaves that one alone and says so', () => {
    const made = planned({ views: [aDeployment(), aStatefulSet({ running: NEW, workload: { name: 'my-app-cache' } })] });
    expect(made.workloads.map((each) => each.workload.name)).toEqual(['my-app']);
    expect(made.warnings.some((text) => text.startsWith('statefulset/my-app-cache is left alone'))).toBe(true);
  });

  it('in one container of two makes only the other one fetch', () => {
    const containers = [aContainer(), aContainer({ name: 'proxy', image: 'mesh/proxy:v1', pullPolicy: 'IfNotPresent' })];
    const made = planned({ views: [aDeployment({ containers, running: OLD })], answers: { 'mesh/proxy:v1': anAnswer({ digest: OLD }) } });
    expect(made.workloads[0]?.method).toBe('restart');
    expect(made.containers.map((each) => [each.container, each.concerned])).toEqual([
      ['app', true],
      ['proxy', false],
    ]);
  });
});

describe('a registry that cannot be asked', () => {
  it.each`
    via          | pullPolicy        | force    | outcome
    ${'auto'}    | ${'Always'}       | ${false} | ${'restart'}
    ${'auto'}    | ${'IfNotPresent'} | ${false} | ${'always'}
    ${'restart'} | ${'Always'}       | ${false} | ${'restart'}
    ${'restart'} | ${'IfNotPresent'} | ${false} | ${'would-not-pull'}
    ${'restart'} | ${'IfNotPresent'} | ${true}  | ${'restart'}
    ${'always'}  | ${'IfNotPresent'} | ${false} | ${'always'}
    ${'evict'}   | ${'Always'}       | ${false} | ${'evict'}
    ${'pin'}     | ${'Always'}       | ${false} | ${'registry-unknown'}
    ${'pin'}     | ${'Always'}       | ${true}  | ${'registry-unknown'}
  `('via $via with $pullPolicy, force $force → $outcome', ({ via, pullPolicy, force, outcome: expected }) => {
    expect(outcome({ ask: { via, force }, views: [aDeployment({ pullPolicy })], answer: noAnswer() })).toBe(expected);
  });

  it('is never read as nothing new, and the plan says loudly that it is unknown', () => {
    const made = planned({ views: [aDeployment({ running: NEW })], answer: noAnswer('rate-limited', '429 Too Many Requests') });
    expect(made.warnings[0]).toContain('rate-limited: 429 Too Many Requests');
    expect(made.warnings[0]).toContain('unknown');
  });

  it('holds a new tag back unless --force says to go on without knowing', () => {
    const ask = { via: 'set-image' as const, tag: 'v2' };
    expect(refused({ ask, answer: noAnswer() })).toMatchObject({
      code: 'registry-unknown',
      remedy: expect.stringContaining('--tag v2 --force'),
    });
    expect(outcome({ ask: { ...ask, force: true }, answer: noAnswer() })).toBe('set-image');
  });

  it('warns where a neighbour must be fetched too', () => {
    const containers = [aContainer(), aContainer({ name: 'proxy', image: 'mesh/proxy:v1' })];
    const made = planned({
      ask: { container: 'app' },
      views: [aDeployment({ containers })],
      answers: { 'mesh/proxy:v1': noAnswer('unreachable', 'ECONNREFUSED') },
    });
    expect(made.warnings.some((text) => text.includes('proxy restarts too') && text.includes('ECONNREFUSED'))).toBe(true);
  });
});

describe('an image that cannot be fetched', () => {
  it.each`
    ask                                  | force
    ${{ via: 'set-image', tag: 'nope' }} | ${false}
    ${{ via: 'set-image', tag: 'nope' }} | ${true}
    ${{ via: 'auto' }}                   | ${true}
  `('$ask is refused as image-not-found, force $force', ({ ask, force }) => {
    const failure = refused({ ask: { ...ask, force }, answer: noAnswer('not-found', 'manifest unknown') });
    expect(failure).toMatchObject({ code: 'image-not-found', evidence: 'manifest unknown' });
    expect(failure.remedy).toBeDefined();
  });

  it('says what to do about it: push it again where it runs, look at the tag where it is new', () => {
    const answer = noAnswer('not-found', 'manifest unknown');
    expect(refused({ answer }).remedy).toContain('push it again');
    expect(refused({ ask: { via: 'set-image', tag: 'nope' }, answer }).remedy).toBe(`check the tag; it runs ${IMAGE} now`);
  });

  it('is refused where it offers nothing for the platform of the nodes', () => {
    const arm = anAnswer({ identities: [{ digest: NEW, of: 'index' }], platforms: ['linux/arm64'] });
    expect(refused({ answer: arm })).toMatchObject({ code: 'no-matching-platform', evidence: expect.stringContaining('linux/amd64') });
  });

  it('is a warning where some nodes of several could run it', () => {
    const some = anAnswer({ identities: [{ digest: NEW, of: 'index' }], platforms: ['linux/arm64'] });
    const made = planned({
      snapshot: { ...aSnapshot(aDeployment()), nodes: [aNode(), aNode({ name: 'node-2', architecture: 'arm64' })] },
      answer: some,
    });
    expect(made.warnings.some((text) => text.includes('linux/amd64 (node-1)'))).toBe(true);
  });

  it('that is a single manifest of another architecture is a warning: a node fetches it, and fails to start it', () => {
    const single = anAnswer({ identities: [{ digest: NEW, of: 'manifest', platform: 'linux/arm64' }] });
    expect(planned({ answer: single }).warnings.join()).toContain('built for linux/arm64, its pods run on linux/amd64 (node-1, node-2)');
    const right = anAnswer({ identities: [{ digest: NEW, of: 'manifest', platform: 'linux/amd64' }] });
    expect(planned({ answer: right }).warnings.join()).not.toContain('built for');
  });

  it.each(['Shop/Api:v1', 'shop/api:v 1'])('%s is no image', (image) => {
    expect(refused({ ask: { via: 'set-image', image } })).toMatchObject({ code: 'invalid-image', subject: image });
  });
});

describe('the way back', () => {
  it('remembers where the runtime had a digest from, if that is not the image’s own repository', () => {
    const shows = (imageId: string) => {
      const pod = aPod({ containers: [aPodContainer({ imageId })] });
      return planned({ views: [aDeployment({ view: { pods: [pod] } })] }).containers[0]?.shownAs;
    };
    expect(shows(`registry.example/aaa/other@${OLD}`)).toEqual({ [OLD]: 'registry.example/aaa/other' });
    expect(shows(OLD)).toEqual({ [OLD]: 'config' });
    expect(shows(`docker-pullable://${REPOSITORY}@${OLD}`)).toBeUndefined();
  });
});

describe('a digest reference', () => {
  const pinned = `${IMAGE}@${OLD}`;
  it('is immutable, and the remedy moves the pin', () => {
    const failure = refused({ views: [aDeployment({ image: pinned })] });
    expect(failure).toMatchObject({ code: 'immutable-reference', subject: pinned });
    expect(failure.remedy).toContain('/repull my-app prod --pin');
  });

  it('without a tag has no pin to move', () => {
    const failure = refused({ views: [aDeployment({ image: `${REPOSITORY}@${OLD}` })] });
    expect(failure.code).toBe('immutable-reference');
    expect(failure.remedy).toContain('--tag or --image');
  });

  it('is asked about by its tag and moved by --pin', () => {
    const write = patch({ ask: { via: 'pin' }, views: [aDeployment({ image: pinned })], answers: { [IMAGE]: anAnswer() } });
    expect(write.images).toEqual([{ container: 'app', role: 'container', image: `${IMAGE}@${NEW}` }]);
  });

  it('that the tag still holds is nothing new', () => {
    expect(outcome({ ask: { via: 'pin' }, views: [aDeployment({ image: `${IMAGE}@${NEW}`, running: NEW })] })).toBe('nothing-new');
  });

  it('beside a mutable tag is left as it is, and said so', () => {
    const containers = [aContainer(), aContainer({ name: 'proxy', image: pinned })];
    const made = planned({ views: [aDeployment({ containers })] });
    expect(made.containers.find((each) => each.container === 'proxy')?.concerned).toBe(false);
    expect(made.warnings.some((text) => text.includes('proxy is left as it is'))).toBe(true);
  });

  it('restarts all the same with --force', () => {
    expect(outcome({ ask: { force: true }, views: [aDeployment({ image: pinned })] })).toBe('restart');
  });
});
