import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ctr } from '../support/images.ts';
import { DEPLOYS, DEV } from '../support/line.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { appManifest, type AppOptions, type Json } from '../support/world.ts';

const NODE_1 = { nodeSelector: { 'repull.test/node': '1' } };
/** The first word of a card or answer. */
const ended = (word: string): RegExp => new RegExp(`^[#*\\s]*${word}\\b`);
/** A pod is not ready before the test says so, however slow or fast the machine is. */
const GATE = 'repull.test/go';

describe('the verdict on a real cluster', () => {
  let stage: Stage;
  const policy = () => `silent-${stage.namespace}`;
  beforeAll(async () => {
    stage = await openStage();
    await silenceKubelets();
  }, 120_000);
  afterAll(async () => {
    await stage?.kubectl('delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', policy(), '--ignore-not-found');
    await stage?.close();
  }, 60_000);

  /** Events of kubelets about pods whose name begins with `silent` or `late` never arrive. */
  async function silenceKubelets(): Promise<void> {
    const api = 'admissionregistration.k8s.io/v1';
    const name = policy();
    const spec = {
      failurePolicy: 'Fail',
      matchConstraints: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': stage.namespace } },
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['events'] }],
      },
      matchConditions: [
        { name: 'kubelet', expression: `request.userInfo.username.startsWith("system:node:")` },
        { name: 'pod', expression: `object.involvedObject.name.matches("^(silent|late)-")` },
      ],
      validations: [{ expression: 'false', message: 'lost on the way' }],
    };
    const binding = { policyName: name, validationActions: ['Deny'] };
    await stage.apply([
      { apiVersion: api, kind: 'ValidatingAdmissionPolicy', metadata: { name }, spec },
      { apiVersion: api, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: binding },
    ]);
    const file = join(mkdtempSync(join(tmpdir(), 'repull-event-')), 'event.json');
    writeFileSync(file, JSON.stringify(eventFor({ metadata: { name: 'silent-probe', uid: 'none' } }, 'Probe', 'probe')));
    const asNode = ['--as=system:node:node-1', '--as-group=system:nodes'];
    const probe = () => stage.kubectl('create', '--dry-run=server', '-f', file, ...asNode).catch((problem: unknown) => String(problem));
    await until(async () => /lost on the way/.test(await probe()), { what: 'events are lost', withinMs: 30_000, everyMs: 500 });
    rmSync(dirname(file), { recursive: true });
  }

  const eventFor = (pod: Json, reason: string, message: string, at = new Date()) => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${pod.metadata.name}.`, namespace: stage.namespace },
    involvedObject: {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: stage.namespace,
      name: pod.metadata.name,
      uid: pod.metadata.uid,
      fieldPath: 'spec.containers{app}',
    },
    type: 'Normal',
    reason,
    message,
    count: 1,
    firstTimestamp: at.toISOString().replace(/\.\d+Z/, 'Z'),
    lastTimestamp: at.toISOString().replace(/\.\d+Z/, 'Z'),
    source: { component: 'kubelet', host: 'node-1' },
  });

  /** A Deployment of one pod on the first node; `pod` is merged into its pod spec. */
  const apply = async (name: string, options: Partial<AppOptions>, pod: Json) => {
    const manifest: Json = appManifest(stage.namespace, name, { image: stage.image(name), replicas: 1, pullPolicy: 'Always', ...options });
    Object.assign(manifest.spec.template.spec, NODE_1, pod);
    await stage.apply(manifest);
  };
  const create = async (name: string, options: Partial<AppOptions> = {}, pod: Json = {}) => {
    await apply(name, options, pod);
    await stage.ready(name, 1);
  };
  /** Pushes and starts an app whose pods wait for `open`. */
  const startGated = async (name: string, version?: string, options: Partial<AppOptions> = {}) => {
    const pushed = await stage.push(name, version === undefined ? {} : { version });
    await apply(name, options, { readinessGates: [{ conditionType: GATE }] });
    await open((await podWith(name, pushed.digest)).name);
    await stage.ready(name, 1);
    return pushed;
  };
  const open = async (pod: string): Promise<void> => {
    const path = `/api/v1/namespaces/${stage.namespace}/pods/${pod}/status`;
    const patch = { status: { conditions: [{ type: GATE, status: 'True' }] } };
    expect((await stage.world.request('PATCH', path, patch, 'application/strategic-merge-patch+json')).status).toBe(200);
  };
  const says = (name: string, pattern: RegExp) =>
    until(() => pattern.test(stage.thread(name).join('\n')), { what: `the thread of ${name} says ${pattern}`, withinMs: 30_000 });
  /** The pod of the app that runs this digest, as soon as there is one. */
  const podWith = (name: string, digest: string) =>
    until(async () => (await stage.pods(name)).find((pod) => pod.digest === digest), {
      what: `a pod of ${name} runs ${digest}`,
      withinMs: 90_000,
      everyMs: 250,
    });
  const kill = async (name: string): Promise<void> => {
    const { status } = await stage.object('pod', name);
    await ctr('node-1', 'tasks', 'kill', '--signal', 'SIGKILL', status.containerStatuses[0].containerID.replace('containerd://', ''));
  };
  const end = (name: string) => stage.shows(name, /^[#*\s]*(?:Succeeded|Failed)/, 120);
  const short = (digest: string) => digest.slice('sha256:'.length, 'sha256:'.length + 12);

  it.concurrent('is "inferred" where the events were lost and the policy leaves no other way, never "pulled"', async () => {
    await stage.push('silent-always');
    await create('silent-always');
    const fresh = await stage.push('silent-always');
    const text = await stage.repull('silent-always');
    expect(text).toMatch(ended('Succeeded'));
    expect(text).toMatch(/\*inferred\*/);
    expect(text).toContain('no pull was seen');
    await says('silent-always', /no pull event was seen for 1 of 1 pods[^\n]*not proven/);
    expect(text).not.toMatch(/\*pulled/);
    expect(text).toContain(`now \`sha256:${short(fresh.digest)}`);
  });

  it.concurrent('is "unverifiable" where the events of a pin were lost: the digest is right, and nobody knows how it came', async () => {
    await stage.push('silent-pin');
    await create('silent-pin', { pullPolicy: 'IfNotPresent' });
    await stage.push('silent-pin');
    const text = await stage.repull('silent-pin');
    expect(text).toMatch(ended('Succeeded'));
    expect(text).toMatch(/\*unverifiable\*/);
    await says('silent-pin', /run the right digest, but no event says whether they fetched it/);
  });

  it.concurrent('waits a moment for an event that comes after everything is ready', async () => {
    await stage.push('late');
    await create('late');
    const fresh = await stage.push('late');
    await stage.say('/repull late staging');
    const { name } = await podWith('late', fresh.digest);
    await stage.ready('late', 1);
    const pod = await stage.object('pod', name);
    expect(stage.card('late')?.text).toMatch(/Rolling out/);
    const message = `Successfully pulled image "${stage.image('late')}" in 1.5s (1.5s including waiting). Image size: 828000 bytes.`;
    await stage.world.request('POST', `/api/v1/namespaces/${stage.namespace}/events`, eventFor(pod, 'Pulled', message));
    const text = await end('late');
    expect(text).toMatch(/\*pulled new\*/);
    expect(text).toContain('pulled in 1.5 s');
  });

  it.concurrent('stands on what was seen, although the cluster has forgotten the events since; Details quotes them', async () => {
    await startGated('forgotten');
    const fresh = await stage.push('forgotten');
    await stage.say('/repull forgotten staging');
    const { name } = await podWith('forgotten', fresh.digest);
    await stage.shows('forgotten', /Rolling out[\s\S]*pulled in/);
    await stage.kubectl('delete', 'events', '--field-selector', `involvedObject.name=${name}`);
    await open(name);
    const text = await end('forgotten');
    expect(text).toMatch(/\*pulled new\*/);
    await stage.line.slack.as(DEV).click({ channelId: DEPLOYS, ts: stage.card('forgotten')?.ts ?? '' }, 'details');
    const modal = await stage.line.slack.waitFor(() => stage.line.slack.as(DEV).modal(), { what: 'the details' });
    const details = JSON.stringify(modal);
    expect(details).toContain('Successfully pulled image');
    expect(details).toContain(name);
    expect(details).toMatch(/<!date\^\d+\^\{date_num\} \{time_secs\}/);
    expect(details).toMatch(new RegExp(`registry .{0,9}sha256:${short(fresh.digest)}`));
  });

  it.concurrent('is "cache, but correct" where somebody else had pulled the image just before', async () => {
    await stage.push('elsewhere');
    await create('elsewhere', { pullPolicy: 'IfNotPresent' });
    const fresh = await stage.push('elsewhere');
    await create('somebody', { image: `${stage.image('elsewhere')}@${fresh.digest}`, pullPolicy: 'IfNotPresent' });
    const text = await stage.repull('elsewhere');
    expect(text).toMatch(ended('Succeeded'));
    expect(text).toMatch(/\*cache, but correct\*/);
    expect(text).toContain('but nothing was pulled');
    expect(text).not.toMatch(/\*pulled/);
  });

  it.concurrent('follows a container that is restarted in its pod and pulls a second time, from a tag that moved meanwhile', async () => {
    await startGated('restarted');
    const second = await stage.push('restarted');
    await stage.say('/repull restarted staging');
    const { name } = await podWith('restarted', second.digest);
    const third = await stage.push('restarted');
    await kill(name);
    await podWith('restarted', third.digest);
    await open(name);
    const text = await end('restarted');
    expect(text).toMatch(ended('Succeeded'));
    expect(text).toMatch(/\*pulled new\*/);
    expect(text).toContain(`registry \`sha256:${short(third.digest)}`);
    expect(text).toContain(`now \`sha256:${short(third.digest)}`);
    await says('restarted', /the tag moved during the rollout/);
  });

  it.concurrent('of a tag that moved twice, back to where it was, is "pulled, unchanged"', async () => {
    const old = await startGated('returned', 'one');
    const [before] = await stage.pods('returned');
    const other = await stage.push('returned', { version: 'two' });
    await stage.say('/repull returned staging');
    const { name } = await podWith('returned', other.digest);
    const again = await stage.push('returned', { version: 'one' });
    expect(again.digest).toBe(old.digest);
    await kill(name);
    await until(async () => (await stage.pods('returned')).find((pod) => pod.name !== before?.name)?.digest === old.digest, {
      what: 'the new pod runs the old image again',
      withinMs: 90_000,
      everyMs: 250,
    });
    await open(name);
    const text = await end('returned');
    expect(text).toMatch(ended('Succeeded'));
    expect(text).toMatch(/\*pulled, unchanged\*/);
    expect(text).not.toMatch(/\*pulled new\*/);
  });

  it.concurrent('does not take a pull back because the restarted container found its image on the node', async () => {
    await startGated('rested', undefined, { pullPolicy: 'IfNotPresent' });
    const fresh = await stage.push('rested');
    await stage.say('/repull rested staging');
    const { name } = await podWith('rested', fresh.digest);
    await kill(name);
    const said = () => stage.kubectl('get', 'events', '--field-selector', `involvedObject.name=${name},reason=Pulled`, '-o', 'json');
    await until(async () => /already present/.test(await said()), { what: 'the second start', withinMs: 60_000, everyMs: 250 });
    await open(name);
    const text = await end('rested');
    expect(text).toMatch(ended('Succeeded'));
    expect(text).toMatch(/\*pulled new\*/);
  });

  it.concurrent('counts the pod that is there at the end, where the first new one was replaced again', async () => {
    await startGated('replaced');
    const fresh = await stage.push('replaced');
    await stage.say('/repull replaced staging');
    const { name } = await podWith('replaced', fresh.digest);
    await stage.kubectl('delete', 'pod', name, '--wait=false');
    const next = await until(async () => (await stage.pods('replaced')).find((pod) => pod.name !== name && pod.digest === fresh.digest), {
      what: 'another pod in its place',
      withinMs: 90_000,
      everyMs: 250,
    });
    await open(next.name);
    const text = await end('replaced');
    expect(text).toMatch(ended('Succeeded'));
    expect(text).toMatch(/\*pulled new\*[^\n]*1 pod\b/);
    expect((await stage.pods('replaced')).map((pod) => pod.name)).not.toContain(name);
  });

  it.concurrent('of many containers in one pod is "inferred" for those whose events the kubelet itself threw away', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `c${String(index + 1).padStart(2, '0')}`);
    const push = async () => await Promise.all(names.map(async (name) => await stage.push(`many-${name}`)));
    await push();
    const containers = names.map((name) => ({ name, image: stage.image(`many-${name}`), imagePullPolicy: 'Always' }));
    await create('many', {}, { containers });
    const fresh = await push();
    const text = await stage.repull('many');
    expect(text).toMatch(ended('Succeeded'));
    // Of the first 25 events of a pod all arrive, four for each container; of the rest one in five minutes.
    const words = [...text.matchAll(/^\*(c\d\d)\*[^\n]*\n[^\n]*\n\S+ \*([^*]+)\*/gm)].map(([, container, word]) => [container, word]);
    expect(words.slice(0, 5).map(([, word]) => word)).toEqual(Array.from({ length: 5 }, () => 'pulled new'));
    expect(words.slice(7)).toEqual([['c08', 'inferred']]);
    const [pod] = await stage.pods('many');
    const { status } = await stage.object('pod', pod?.name ?? '');
    const shown = status.containerStatuses.map((one: Json) => one.imageID.split('@')[1]);
    expect(shown).toEqual(fresh.map(({ digest }) => digest));
  });
});
