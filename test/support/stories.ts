import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chartKubeconfig, removeChartRights } from './chart-rights.ts';
import { DEPLOYS, DEV, SRE, startLine, type Line } from './line.ts';
import { until } from './until.ts';
import { appManifest, create, createNamespace, followReady, pathOf, podsOf, type AppOptions, type World } from './world.ts';

export const policyFor = (namespace: string, extra = ''): string => `
environments:
  prod:
    cluster: test
    namespaces: [${namespace}]
    approval: { votes: 1, from: [sre], self: false, expires: 30m }
  staging:
    cluster: test
    namespaces: [${namespace}]
apps:
  my-app: { workloads: [deployment/my-app], aliases: [myapp] }
  cached: { workloads: [deployment/cached] }
  crashy: { workloads: [deployment/crashy] }
  guarded: { workloads: [deployment/guarded] }
  slow: { workloads: [deployment/slow] }
  db: { workloads: [statefulset/db] }
  agent: { workloads: [daemonset/agent] }
groups:
  sre: { user-groups: [S0SRE00001] }
roles:
  developer: { verbs: [view, request, cancel], environments: ["*"], apps: ["*"] }
  operator: { verbs: ["*"], environments: ["*"], apps: ["*"] }
bindings:
  - { role: developer, groups: [everyone], channels: [${DEPLOYS}] }
  - { role: operator, groups: [sre], channels: ["*"] }
${extra}`;

/** The main job, from the typed command to the proof, as separate processes; the same on the simulation and on the real cluster. */
export function stories(name: string, open: () => Promise<World>): void {
  describe(`the main job on ${name}`, () => {
    const namespace = `story-${randomBytes(3).toString('hex')}`;
    let world: World;
    let line: Line;

    beforeAll(async () => {
      world = await open();
      await createNamespace(world, namespace);
      const kubeconfig = world.kind === 'real' ? await chartKubeconfig(world, namespace, [namespace]) : world.kubeconfig;
      line = await startLine({ policy: policyFor(namespace), kubeconfig });
    }, 120_000);
    afterAll(async () => {
      await line?.close();
      await world?.request('DELETE', `/api/v1/namespaces/${namespace}`);
      if (world?.kind === 'real') await removeChartRights(namespace);
      await world?.close();
    }, 60_000);

    const running = (app: string, count: number) =>
      until(
        async () => {
          const pods = (await podsOf(world, namespace, app)).filter((pod) => !pod.deleting);
          return pods.length === count && pods.every((pod) => pod.ready) ? pods : undefined;
        },
        { what: `${count} ready pods of ${app}`, withinMs: 90_000, everyMs: 100 },
      );
    const start = async (app: string, options: Omit<AppOptions, 'image'> = {}) => {
      const pushed = await world.push(`${namespace}/${app}:v1`);
      await create(world, appManifest(namespace, app, { image: pushed.ref, replicas: 2, ...options }));
      await running(app, options.kind === 'DaemonSet' ? 2 : (options.replicas ?? 2));
      return pushed;
    };
    /** Pods that are no longer looked at only keep the machine busy. */
    const remove = (app: string, kind = 'Deployment') => world.request('DELETE', pathOf(kind, namespace, app));
    const generation = async (app: string, kind = 'Deployment') =>
      (await world.request('GET', pathOf(kind, namespace, app))).body.metadata.generation as number;
    const say = async (user: string, text: string) => {
      const outcome = await line.slack.as(user).type(DEPLOYS, text);
      expect(outcome.error, `Slack's answer to ${text}`).toBeUndefined();
      return outcome;
    };
    const approve = async (app: string) => {
      const card = await line.waitFor(DEV, new RegExp(`Waiting for approval[\\s\\S]*${app}`));
      await line.slack.as(SRE).click({ channelId: DEPLOYS, ts: card.message.ts }, 'approve');
      return card.message.ts;
    };
    const cardSays = (ts: string, pattern: RegExp, seconds = 90) =>
      line.slack.waitFor(
        () => {
          const found = line.slack.view(DEV, DEPLOYS).messages.find((message) => message.ts === ts);
          return found !== undefined && pattern.test(found.text) ? found.text : undefined;
        },
        { seconds, what: `the card says ${pattern}` },
      );
    const digestsOf = async (app: string) => [
      ...new Set((await podsOf(world, namespace, app)).filter((pod) => !pod.deleting).map((pod) => pod.digest)),
    ];

    it('(a) a tag pushed again with pull policy Always ends with every pod on the new digest, pulled new', async () => {
      const old = await start('my-app', { pullPolicy: 'Always', replicas: 4 });
      const fresh = await world.push(`${namespace}/my-app:v1`);
      expect(fresh.digest).not.toBe(old.digest);
      await say(DEV, '/repull my-app prod --reason "new build"');
      const ts = await approve('my-app');
      const text = await cardSays(ts, /Succeeded/);
      expect(text).toMatch(/pulled new/);
      expect(text).toContain(old.digest.slice(7, 19));
      expect(text).toContain(fresh.digest.slice(7, 19));
      expect(await digestsOf('my-app')).toEqual([fresh.digest]);
    });

    it('(b) with IfNotPresent auto chooses a method that really fetches, says why, and --via restart is refused', async () => {
      await start('cached', { pullPolicy: 'IfNotPresent' });
      const fresh = await world.push(`${namespace}/cached:v1`);
      await say(DEV, '/repull cached staging --via restart');
      await line.waitFor(DEV, /would not make|node.*cache|already have/i);
      await say(DEV, '/repull cached staging');
      const done = await line.waitFor(DEV, /Succeeded[\s\S]*cached/, { seconds: 90 });
      expect(done.text).toMatch(/pin|always/i);
      expect(done.text).toMatch(/pulled new/);
      expect(await digestsOf('cached')).toEqual([fresh.digest]);
      await remove('cached');
    });

    it('(c) nothing new in the registry is refused, and --force is offered', async () => {
      const before = await generation('my-app');
      await say(DEV, '/repull my-app prod');
      const answer = await line.waitFor(DEV, /nothing new/i);
      expect(answer.text).toMatch(/--force/);
      expect(answer.message.ephemeral).toBe(true);
      expect(await generation('my-app')).toBe(before);
    });

    it('(d) a tag that does not exist is refused while planning, and the Deployment is untouched', async () => {
      const before = await generation('my-app');
      await say(DEV, '/repull my-app prod --tag nope');
      const answer = await line.waitFor(DEV, /nope/);
      expect(answer.text).toMatch(/not (found|in the registry)|no such|does not (exist|have)/i);
      expect(await generation('my-app')).toBe(before);
    });

    it('(e) a crashing build fails within a minute with its cause and log lines, and Roll back brings the recorded digest back', async () => {
      const old = await start('crashy', { pullPolicy: 'Always' });
      await world.push(`${namespace}/crashy:v1`, { crash: true });
      const began = Date.now();
      await say(DEV, '/repull crashy staging');
      const failed = await line.waitFor(DEV, /^[^\n]*Failed[\s\S]*crashy/, { seconds: 75 });
      expect(Date.now() - began).toBeLessThan(60_000);
      expect(failed.text).toMatch(/asked to crash/);
      const card = line.slack
        .view(SRE, DEPLOYS)
        .messages.find((message) => !message.ephemeral && /Failed[\s\S]*crashy/.test(message.text) && message.threadTs === undefined);
      await line.slack.as(SRE).click({ channelId: DEPLOYS, ts: card?.ts ?? '' }, 'rollback');
      await line.waitFor(DEV, /Succeeded[\s\S]*undoes/, { seconds: 90 });
      await running('crashy', 2);
      expect(await digestsOf('crashy')).toEqual([old.digest]);
      await line.waitFor(DEV, /rolled back by/i);
      await remove('crashy');
    });

    it('(f) evict under a disruption budget never goes below minAvailable', async () => {
      await start('guarded', { pullPolicy: 'Always', replicas: 4 });
      await create(world, {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'guarded', namespace },
        spec: { minAvailable: 3, selector: { matchLabels: { app: 'guarded' } } },
      } as never);
      await until(
        async () => (await world.request('GET', pathOf('PodDisruptionBudget', namespace, 'guarded'))).body.status?.disruptionsAllowed === 1,
        { what: 'the budget counts', withinMs: 30_000 },
      );
      const before = (await podsOf(world, namespace, 'guarded')).map((pod) => pod.uid);
      const fresh = await world.push(`${namespace}/guarded:v1`);
      const ready = await followReady(world, namespace, 'guarded');
      await say(DEV, '/repull guarded staging --via evict');
      const done = await line.waitFor(DEV, /Succeeded[\s\S]*guarded/, { seconds: 120 });
      await ready.stop();
      expect(ready.least()).toBe(3);
      expect(done.text).toMatch(/pulled new/);
      const after = await podsOf(world, namespace, 'guarded');
      expect(after.filter((pod) => before.includes(pod.uid))).toEqual([]);
      expect(await digestsOf('guarded')).toEqual([fresh.digest]);
      await remove('guarded');
    });

    it('(g) a worker killed in the middle and started again makes one generation and one final card', async () => {
      await start('slow', { pullPolicy: 'Always', replicas: 3, env: { READY_AFTER: '3s' }, spec: { minReadySeconds: 1 } });
      await world.push(`${namespace}/slow:v1`);
      const before = await generation('slow');
      await say(DEV, '/repull slow staging');
      await until(async () => (await generation('slow')) === before + 1, { what: 'the patch', withinMs: 30_000, everyMs: 20 });
      line.workers[0]?.kill('SIGKILL');
      await line.workers[0]?.exited;
      const again = await line.startWorker();
      await again.untilReady();
      await line.waitFor(DEV, /Succeeded[\s\S]*slow/, { seconds: 120 });
      expect(await generation('slow')).toBe(before + 1);
      const cards = line.slack
        .view(DEV, DEPLOYS)
        .messages.filter((message) => !message.ephemeral && message.threadTs === undefined && /slow/.test(message.text));
      expect(cards).toHaveLength(1);
      await remove('slow');
    });

    it('repulls a StatefulSet and a DaemonSet the same way', async () => {
      await start('db', { kind: 'StatefulSet', pullPolicy: 'Always' });
      await start('agent', { kind: 'DaemonSet', pullPolicy: 'IfNotPresent' });
      const db = await world.push(`${namespace}/db:v1`);
      const agent = await world.push(`${namespace}/agent:v1`);
      await say(DEV, '/repull db staging');
      await say(DEV, '/repull agent staging');
      await line.waitFor(DEV, /Succeeded[\s\S]*db/, { seconds: 90 });
      await line.waitFor(DEV, /Succeeded[\s\S]*agent/, { seconds: 90 });
      expect(await digestsOf('db')).toEqual([db.digest]);
      expect(await digestsOf('agent')).toEqual([agent.digest]);
    });
  });
}
