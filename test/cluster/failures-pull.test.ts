import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeFailures, plain, type Failing } from '../support/failing.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { startTwoFacedRegistry, type Face, type TwoFacedRegistry } from '../support/two-faced-registry.ts';
import { realWorld } from '../support/world.ts';

const ATTEMPT = /^Failed: Failed to pull image/;

describe('an image that repull finds and the nodes cannot fetch, on a real cluster', () => {
  let registry: TwoFacedRegistry;
  let stage: Stage;
  let failing: Failing;

  beforeAll(async () => {
    registry = await startTwoFacedRegistry(process.env['REPULL_TEST_REGISTRY'] ?? '');
    stage = await openStage({ open: async () => ({ ...(await realWorld()), registry: registry.host }) });
    failing = await judgeFailures(stage);
  }, 120_000);
  afterAll(async () => {
    await failing?.close();
    await stage?.close();
    await registry?.close();
  }, 60_000);

  /** An app that runs, something newer in its registry, and then only this face for the nodes. */
  const broken = async (app: string, face: Face): Promise<void> => {
    await stage.start(app, { replicas: 1 });
    await stage.push(app);
    registry.show(`${stage.namespace}/${app}`, face);
  };
  /** A permanent one: the second attempt is what the kubelet has to say about it. */
  const failure = async (app: string): Promise<string> => {
    const text = await failing.fails(app);
    failing.inTime(app, failing.reports.of(app, ATTEMPT)[1]);
    return text;
  };

  it.concurrent('a tag that is gone: not in the registry or hidden, what to check, and the kubelet’s own words', async () => {
    await broken('pull-404', { status: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] } });
    const text = await failure('pull-404');
    expect(text).toMatch(/The image of pull-404-\S+\/app is not in the registry\./);
    expect(text).toMatch(/missing, or it is private: registries answer a node without the right credentials alike/);
    expect(text).toMatch(/Next: Push the tag again, or correct it\. If it is there, check the imagePullSecrets/);
    expect(text).toMatch(/To see more: kubectl -n \S+ describe pod pull-404-/);
    expect(text).toMatch(/pull-404:v1: not found \(on node-\d, linux\/amd64\)/);
    expect(text).toMatch(/The cluster was changed before it failed/);
    const thread = stage.thread('pull-404').map(plain).join('\n');
    expect(thread).toMatch(/Failed to pull image .*pull-404:v1: not found/);
    expect(thread).not.toMatch(/Error: ErrImagePull/);
    // The old pod goes on serving.
    expect((await stage.pods('pull-404')).filter((pod) => pod.ready)).toHaveLength(1);
  });

  it.concurrent.each([
    ['pull-401', 401, 'Unauthorized'],
    ['pull-403', 403, 'Forbidden'],
  ])('a repository that is not theirs (%s): the registry refused, and which secret to check', async (app, status, word) => {
    await broken(app, { status, body: { errors: [{ code: 'DENIED', message: 'requested access to the resource is denied' }] } });
    const text = await failure(app);
    expect(text).toMatch(new RegExp(`The registry refused to give out the image of ${app}-\\S+/app\\.`));
    expect(text).toMatch(/Some registries answer the same for a repository that does not exist/);
    expect(text).toMatch(/Next: Check the imagePullSecrets of the workload/);
    expect(text).toMatch(new RegExp(`${status}|${word}`));
  });

  it.concurrent('an index without the platform of the node: says which platform the node has', async () => {
    await broken('pull-platform', { only: { os: 'linux', architecture: 's390x' } });
    const text = await failure('pull-platform');
    expect(text).toMatch(/pull-platform-\S+\/app has no image for the platform of its node\./);
    expect(text).toMatch(/no match for platform in manifest.*\(on node-\d, linux\/amd64\)/s);
    expect(text).toMatch(/Next: Push an image for that platform too/);
  });

  it.concurrent.each([
    ['pull-429', { status: 429, body: { errors: [{ code: 'TOOMANYREQUESTS' }] } }, /429 Too Many Requests/],
    ['pull-503', { status: 503 }, /503 Service Unavailable/],
    ['pull-cut', { cut: true }, /EOF/],
  ] as [string, Face, RegExp][])(
    'a registry in trouble (%s): said while it lasts, given time, and forgotten when it answers again',
    async (app, face, cause) => {
      await broken(app, face);
      await stage.say(`/repull ${app} staging`);
      const meanwhile = await failing.shows(app, /cannot fetch its image yet/);
      expect(meanwhile).toMatch(/^Rolling out/);
      expect(meanwhile).toMatch(cause);
      expect(meanwhile).toMatch(/This may pass: repull waits 5 min for it\./);
      // What waiting cannot cure ends at the second attempt; this goes on.
      await until(() => failing.reports.of(app, ATTEMPT).length >= 2, {
        what: `a second attempt of ${app}`,
        withinMs: 60_000,
        everyMs: 250,
      });
      registry.show(`${stage.namespace}/${app}`);
      const end = await failing.shows(app, /^Succeeded/, 90);
      expect(end).not.toMatch(/cannot fetch/);
      expect(stage.thread(app).filter((entry) => /cannot fetch its image yet/.test(entry))).toHaveLength(1);
    },
  );

  it.concurrent('a registry that is slow: the card says that it is pulling, and nothing fails', async () => {
    let release = (): void => {};
    await broken('pull-slow', { after: new Promise<void>((resolve) => (release = resolve)) });
    await stage.say('/repull pull-slow staging');
    expect(await failing.shows('pull-slow', /1 pulling/)).toMatch(/^Rolling out/);
    release();
    expect(await failing.shows('pull-slow', /^Succeeded/)).toMatch(/pulled new/);
  });

  it.concurrent('a tag that repull itself does not find is refused before anything is written', async () => {
    await stage.start('pull-none', { replicas: 1 });
    const text = plain(await stage.repull('pull-none', '--tag v9'));
    expect(text).toMatch(/^Refused/);
    expect(text).toMatch(/The registry does not have/);
    expect(text).toMatch(/nothing was changed/);
    expect((await stage.object('deployment', 'pull-none')).metadata.generation).toBe(1);
  });
});
