import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../src/domain/command-line.ts';
import { withDigest, withoutDigest, withTag } from '../../../src/domain/image-text.ts';
import { parseImage } from '../../../src/domain/image.ts';
import { downtimeOf } from '../../../src/domain/plan-downtime.ts';
import { readPullError } from '../../../src/domain/pull-error.ts';
import { concernedContainers, imagesToResolve, targetImage } from '../../../src/domain/select.ts';
import {
  aContainer,
  aDaemonSet,
  aDeployment,
  anAsk,
  aPod,
  aSnapshot,
  aStatefulSet,
  aWorkload,
  digest,
  IMAGE,
  OLD,
  REPOSITORY,
} from '../../support/builders.ts';

describe('images that the registries must be asked about', () => {
  const containers = [aContainer(), aContainer({ name: 'proxy', image: 'mesh/proxy:v1' })];
  it.each`
    ask                                            | image                | images
    ${{}}                                          | ${IMAGE}             | ${[IMAGE]}
    ${{ via: 'set-image', tag: 'v2' }}             | ${IMAGE}             | ${[`${REPOSITORY}:v2`]}
    ${{ via: 'set-image', image: 'other/api:v9' }} | ${IMAGE}             | ${['other/api:v9']}
    ${{ via: 'pin' }}                              | ${`${IMAGE}@${OLD}`} | ${[IMAGE]}
    ${{}}                                          | ${`${IMAGE}@${OLD}`} | ${[`${IMAGE}@${OLD}`]}
    ${{ via: 'set-image', tag: 'v2' }}             | ${`${IMAGE}@${OLD}`} | ${[`${REPOSITORY}:v2`]}
    ${{ via: 'set-image', image: 'Bad Image' }}    | ${IMAGE}             | ${[IMAGE]}
  `('$ask of $image asks about $images', ({ ask, image, images }) => {
    expect(imagesToResolve(anAsk(ask), aSnapshot(aDeployment({ image })))).toEqual(images);
  });

  it('include the neighbours, because they restart too, and each only once', () => {
    const cache = aStatefulSet({ workload: { name: 'my-app-cache' }, image: IMAGE });
    expect(imagesToResolve(anAsk({ container: 'app', tag: 'v2', via: 'set-image' }), aSnapshot(aDeployment({ containers })))).toEqual([
      `${REPOSITORY}:v2`,
      'mesh/proxy:v1',
    ]);
    expect(imagesToResolve(anAsk(), aSnapshot(aDeployment({ containers }), cache))).toEqual([IMAGE, 'mesh/proxy:v1']);
  });

  it('are only of the workload that is meant, or that owns the pod', () => {
    const cache = aStatefulSet({ workload: { name: 'my-app-cache' }, image: 'redis:7' });
    expect(imagesToResolve(anAsk({ workload: 'statefulset/my-app-cache' }), aSnapshot(aDeployment(), cache))).toEqual(['redis:7']);
    expect(imagesToResolve(anAsk({ via: 'evict', pod: 'my-app-cache-1' }), aSnapshot(aDeployment(), cache))).toEqual(['redis:7']);
    expect(imagesToResolve(anAsk({ workload: 'deployment/none' }), aSnapshot(aDeployment(), cache))).toEqual([]);
  });

  it('are none of a pod that is going already', () => {
    const view = aDeployment({ view: { pods: [aPod({ deleting: true })] } });
    expect(imagesToResolve(anAsk({ via: 'evict', pod: 'my-app-1' }), aSnapshot(view))).toEqual([]);
  });

  it('are those that will be written', () => {
    const view = aDeployment({ containers });
    expect(concernedContainers(anAsk({ workload: 'sts/my-app' }), view)).toEqual({ ok: true, value: [] });
    expect(targetImage(anAsk({ tag: 'v2' }), aContainer())).toBe(`${REPOSITORY}:v2`);
  });
});

describe('changing the text of an image', () => {
  it.each`
    image                      | tagged                     | bare                       | pinned
    ${'api'}                   | ${'api:v2'}                | ${'api'}                   | ${`api:latest@${OLD}`}
    ${'localhost:5000/api'}    | ${'localhost:5000/api:v2'} | ${'localhost:5000/api'}    | ${`localhost:5000/api:latest@${OLD}`}
    ${'localhost:5000/api:v1'} | ${'localhost:5000/api:v2'} | ${'localhost:5000/api:v1'} | ${`localhost:5000/api:v1@${OLD}`}
    ${`api:v1@${digest('x')}`} | ${'api:v2'}                | ${'api:v1'}                | ${`api:v1@${OLD}`}
    ${`api@${digest('x')}`}    | ${'api:v2'}                | ${undefined}               | ${`api@${OLD}`}
  `('$image', ({ image, tagged, bare, pinned }) => {
    expect([withTag(image, 'v2'), withoutDigest(image), withDigest(image, OLD)]).toEqual([tagged, bare, pinned]);
    expect([tagged, pinned].every((text) => parseImage(text) !== undefined)).toBe(true);
  });
});

describe('a corrected command line', () => {
  it.each`
    ask                                                              | changes                           | line
    ${{}}                                                            | ${{ force: true }}                | ${'/repull my-app prod --force'}
    ${{ via: 'restart' }}                                            | ${{ via: 'auto' }}                | ${'/repull my-app prod'}
    ${{ via: 'restart' }}                                            | ${{}}                             | ${'/repull my-app prod --via restart'}
    ${{ via: 'set-image', tag: 'v2', container: 'app' }}             | ${{ force: true }}                | ${'/repull my-app prod --tag v2 --container app --force'}
    ${{ via: 'set-image', tag: 'v2' }}                               | ${{ via: 'pin', tag: undefined }} | ${'/repull my-app prod --pin'}
    ${{ via: 'evict', pod: 'p-1', forceDelete: true }}               | ${{}}                             | ${'/repull my-app prod --pod p-1 --force-delete'}
    ${{ via: 'evict', forceDelete: true }}                           | ${{}}                             | ${'/repull my-app prod --force-delete'}
    ${{ reason: 'it "broke"', at: 'window', workload: 'sts/cache' }} | ${{}}                             | ${'/repull my-app prod --workload sts/cache --reason "it \\"broke\\"" --at window'}
    ${{ dryRun: true }}                                              | ${{ via: 'always' }}              | ${'/repull my-app prod --via always --dry-run'}
  `('$ask with $changes is $line', ({ ask, changes, line }) => {
    expect(commandLine(anAsk(ask), changes)).toBe(line);
  });
});

describe('predicted downtime', () => {
  it.each`
    strategy                                                             | replicas | downtime
    ${{ type: 'RollingUpdate' }}                                         | ${4}     | ${'1 of 4 pods at a time'}
    ${{ type: 'RollingUpdate', maxUnavailable: '25%', maxSurge: '25%' }} | ${2}     | ${'none'}
    ${{ type: 'RollingUpdate', maxUnavailable: '0', maxSurge: '1' }}     | ${9}     | ${'none'}
    ${{ type: 'RollingUpdate', maxUnavailable: '10%', maxSurge: '0' }}   | ${4}     | ${'1 of 4 pods at a time'}
    ${{ type: 'RollingUpdate', maxUnavailable: '50%', maxSurge: '0' }}   | ${4}     | ${'2 of 4 pods at a time'}
    ${{ type: 'RollingUpdate', maxUnavailable: '100%', maxSurge: '0' }}  | ${4}     | ${'all pods at once'}
    ${{ type: 'RollingUpdate', maxUnavailable: '1', maxSurge: '0' }}     | ${1}     | ${'the only pod, until its successor is ready'}
    ${{ type: 'Recreate' }}                                              | ${3}     | ${'all pods at once'}
  `('of a Deployment with $strategy and $replicas replicas is $downtime', ({ strategy, replicas, downtime }) => {
    expect(downtimeOf(aWorkload({ strategy, replicas }), false)).toBe(downtime);
  });

  it('of a StatefulSet, a DaemonSet, a surging DaemonSet and an eviction', () => {
    expect(downtimeOf(aStatefulSet({ replicas: 3 }).workload, false)).toBe('1 of 3 pods at a time');
    expect(downtimeOf(aDaemonSet({ replicas: 5 }).workload, false)).toBe('1 of 5 pods at a time');
    expect(
      downtimeOf(
        aDaemonSet({ replicas: 5, workload: { strategy: { type: 'RollingUpdate', maxSurge: '1', maxUnavailable: '0' } } }).workload,
        false,
      ),
    ).toBe('none');
    expect(downtimeOf(aDeployment({ replicas: 2 }).workload, true)).toBe('1 of 2 pods at a time');
  });
});

describe('why a pull failed', () => {
  const R = 'registry.example/shop/api:v9';
  it.each`
    text                                                                                                 | code                      | transient
    ${`failed to resolve reference "${R}": ${R}: not found`}                                             | ${'image-not-found'}      | ${false}
    ${'manifest unknown: manifest unknown'}                                                              | ${'image-not-found'}      | ${false}
    ${'no match for platform in manifest: not found'}                                                    | ${'no-matching-platform'} | ${false}
    ${'no matching manifest for linux/arm64/v8 in the manifest list entries'}                            | ${'no-matching-platform'} | ${false}
    ${'unexpected status from HEAD request: failed with status code [manifests v9]: 401 Unauthorized'}   | ${'registry-denied'}      | ${false}
    ${'pull access denied, repository does not exist or may require authorization'}                      | ${'registry-denied'}      | ${false}
    ${'failed with status code [manifests v9]: 429 Too Many Requests'}                                   | ${'pull-failed'}          | ${true}
    ${'failed with status code [manifests v9]: 503 Service Unavailable'}                                 | ${'pull-failed'}          | ${true}
    ${'failed to do request: Head "https://x/v2/y": dial tcp 10.0.0.1:443: connect: connection refused'} | ${'pull-failed'}          | ${true}
    ${'failed to do request: Head "https://x/v2/y": dial tcp: lookup x: no such host'}                   | ${'pull-failed'}          | ${true}
    ${'pull QPS exceeded'}                                                                               | ${'pull-failed'}          | ${true}
    ${'write /var/lib/containerd/x: no space left on device'}                                            | ${'pull-failed'}          | ${true}
    ${'something that no kubelet said before'}                                                           | ${'pull-failed'}          | ${true}
    ${'invalid reference format: repository name must be lowercase'}                                     | ${'invalid-image'}        | ${false}
  `('"$text" is $code', ({ text, code, transient }) => {
    expect(readPullError('ErrImagePull', text)).toEqual({ code, transient });
  });

  it('is never taken from the name of the image', () => {
    const words = fc.constantFrom('401', '403', '404', '429', '500', '503', 'denied', 'forbidden', 'timeout', 'v1');
    const same = fc.property(words, words, words, (host, name, tag) => {
      const image = `${host}.example/${name}:${tag}`;
      return readPullError('ErrImagePull', `failed to resolve reference "${image}": ${image}: not found`).code === 'image-not-found';
    });
    expect(() => fc.assert(same)).not.toThrow();
  });
});
