import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageText } from '../../src/playground/slack/render-text.ts';
import { DEPLOYS, DEV, SRE } from '../support/line.ts';
import { policyFor } from '../support/stories.ts';
import { until } from '../support/until.ts';
import { appManifest, create, podsOf, realWorld, type Json, type World } from '../support/world.ts';
import { install, type Release } from './chart/release.ts';

/** The Dockerfile's image and the chart, as somebody would install them: a repull goes through the pods, with nothing but the chart's own rights. */
describe('the chart on a real Kubernetes', () => {
  let world: World;
  let release: Release;

  // Helm and the base images are built on first use, which takes minutes; after that this is the image and the installation.
  beforeAll(async () => {
    world = await realWorld();
    release = await install(world, policyFor);
  }, 900_000);
  afterAll(async () => {
    await release?.close();
    await world?.close();
  }, 120_000);

  const seen = (pattern: RegExp) =>
    release.slack
      .view(DEV, DEPLOYS)
      .messages.flatMap((message) => [message, ...message.replies])
      .map((message) => ({ message, text: messageText(message) }))
      .find(({ text }) => pattern.test(text));
  const waitFor = (pattern: RegExp, seconds: number) =>
    release.slack.waitFor(() => seen(pattern), { seconds, what: `${DEV} sees ${pattern}` });
  const running = (app: string, count: number) =>
    until(
      async () => {
        const pods = (await podsOf(world, release.apps, app)).filter((pod) => !pod.deleting);
        return pods.length === count && pods.every((pod) => pod.ready) ? pods : undefined;
      },
      { what: `${count} ready pods of ${app}`, withinMs: 60_000, everyMs: 200 },
    );
  const restarts = async () =>
    [...(await release.pods('bot')), ...(await release.pods('worker'))].map((pod: Json) => ({
      uid: pod.metadata.uid as string,
      restarts: (pod.status.containerStatuses as Json[]).map((one) => one.restartCount as number),
    }));

  it('repulls a workload: a command in Slack, an approval, and every pod on the new digest, pulled new', async () => {
    const old = await world.push(`${release.apps}/my-app:v1`);
    await create(world, appManifest(release.apps, 'my-app', { image: old.ref, pullPolicy: 'Always', replicas: 3 }));
    await running('my-app', 3);
    const fresh = await world.push(`${release.apps}/my-app:v1`);
    const outcome = await release.slack.as(DEV).type(DEPLOYS, '/repull my-app prod --reason "new build"');
    expect(outcome.error).toBeUndefined();
    const { message } = await waitFor(/^[^\n]*Waiting for approval[\s\S]*my-app/, 30);
    await release.slack.as(SRE).click({ channelId: DEPLOYS, ts: message.ts }, 'approve');
    const { text } = await waitFor(/^[^\n]*Succeeded[\s\S]*my-app/, 90);
    expect(text).toMatch(/pulled new/);
    expect(text).toContain(old.digest.slice(7, 19));
    expect(text).toContain(fresh.digest.slice(7, 19));
    expect((await running('my-app', 3)).map((pod) => pod.digest)).toEqual([fresh.digest, fresh.digest, fresh.digest]);
  });

  it.each`
    may      | verb        | group     | resource         | where
    ${true}  | ${'patch'}  | ${'apps'} | ${'deployments'} | ${'apps'}
    ${true}  | ${'get'}    | ${''}     | ${'pods'}        | ${'apps'}
    ${false} | ${'patch'}  | ${'apps'} | ${'deployments'} | ${'namespace'}
    ${false} | ${'get'}    | ${''}     | ${'pods'}        | ${'namespace'}
    ${false} | ${'delete'} | ${''}     | ${'pods'}        | ${'apps'}
    ${false} | ${'get'}    | ${''}     | ${'secrets'}     | ${'apps'}
    ${false} | ${'get'}    | ${''}     | ${'nodes'}       | ${undefined}
  `("the worker's account may $verb $resource ($where): $may", async ({ may, verb, group, resource, where }) => {
    const namespace = where === undefined ? {} : { namespace: where === 'apps' ? release.apps : release.namespace };
    const { body } = await world.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: `system:serviceaccount:${release.namespace}:repull-worker`,
        resourceAttributes: { verb, group, resource, ...namespace },
      },
    });
    expect(body.status.allowed).toBe(may);
  });

  it('runs as nobody in particular on files it cannot change, and only the worker holds a token', async () => {
    const probe = `
      const { existsSync, writeFileSync } = require('node:fs');
      const writable = (file) => { try { writeFileSync(file, ''); return true; } catch (error) { return error.code; } };
      const status = require('node:fs').readFileSync('/proc/self/status', 'utf8');
      console.log(JSON.stringify({
        uid: process.getuid(), token: existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token'), app: writable('/app/dist/main.js'), tmp: writable('/tmp/x'),
        capabilities: Number('0x' + /CapEff:\\s*(\\w+)/.exec(status)[1]), noNewPrivileges: /NoNewPrivs:\\s*1/.test(status), seccomp: /Seccomp:\\s*2/.test(status),
      }))`;
    const confined = { uid: 1000, app: 'EROFS', tmp: true, capabilities: 0, noNewPrivileges: true, seccomp: true };
    for (const [component, token] of [
      ['bot', false],
      ['worker', true],
    ] as const) {
      const [pod] = await release.pods(component);
      expect(JSON.parse(await release.evaluate(pod.metadata.name, component, probe))).toEqual({ ...confined, token });
    }
  });

  it('takes a changed policy over in the running pods, without a restart', async () => {
    const before = await restarts();
    await release.upgrade(policyFor(release.apps).replace('aliases: [myapp]', 'aliases: [renamed-in-the-chart]'));
    // The kubelet looks at ConfigMaps once a minute, and at once where a pod changes.
    await release.kubectl('annotate', 'pods', '-l', 'app.kubernetes.io/name=repull', 'looked-at=now');
    const pods = [...(await release.pods('bot')), ...(await release.pods('worker'))];
    expect(pods).toHaveLength(4);
    for (const pod of pods) {
      const look = async () =>
        (await release.kubectl('logs', pod.metadata.name, '-c', pod.metadata.labels['app.kubernetes.io/component'])).includes(
          'policy file was reloaded',
        );
      await until(look, { what: `${pod.metadata.name} reloads its policy`, withinMs: 120_000, everyMs: 500 });
    }
    await release.slack.as(DEV).type(DEPLOYS, '/repull check renamed-in-the-chart prod');
    await waitFor(/my-app[\s\S]*(same|nothing new|up to date|newest)/i, 30);
    expect(await restarts()).toEqual(before);
  });

  it.each(['bot', 'worker'] as const)('a %s that is told to end drains and ends with 0', async (component) => {
    const [pod] = await release.pods(component);
    const { name } = pod.metadata;
    await release.evaluate(name, component, "process.kill(1, 'SIGTERM')");
    const ended = await until(
      async () => {
        const now = (await release.pods(component)).find((one: Json) => one.metadata.name === name);
        return (now.status.containerStatuses as Json[]).find((one) => one.name === component).lastState.terminated as Json;
      },
      { what: `${name} ended`, withinMs: 30_000, everyMs: 200 },
    );
    expect(ended.exitCode).toBe(0);
    expect(await release.kubectl('logs', name, '-c', component, '--previous')).toMatch(/"msg":"drained"/);
  });

  it('leaves nothing behind when it is uninstalled', async () => {
    await release.uninstall();
    for (const namespace of [release.namespace, release.apps])
      for (const path of [
        `apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`,
        `apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`,
      ])
        expect((await world.request('GET', `/${path}`)).body.items).toEqual([]);
    expect(
      [...(await release.pods('bot')), ...(await release.pods('worker'))].filter(
        (pod: Json) => pod.metadata.deletionTimestamp === undefined,
      ),
    ).toEqual([]);
  });
});
