import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOYS, DEV, RANDOM, SRE, SRE2, startLine, type Line } from '../support/line.ts';
import { appManifest, create, createNamespace, podsOf, simulatedWorld, type World } from '../support/world.ts';
import { until } from '../support/until.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
/** Closed now, whatever day it is: open only three days from now. */
const window = `${DAYS[(new Date().getUTCDay() + 3) % 7]} 09:00-12:00`;

const policy = `
environments:
  prod:
    cluster: test
    namespaces: [shop]
    windows: { timezone: UTC, open: ["${window}"] }
    freezes: [{ from: 2020-01-01, to: 2020-01-02, reason: long ago }]
  frozen:
    cluster: test
    namespaces: [shop]
    freezes: [{ from: 2020-01-01, to: 2999-01-01, reason: holiday freeze }]
groups:
  sre: { user-groups: [S0SRE00001] }
roles:
  developer: { verbs: [view, request, cancel], environments: ["*"], apps: ["*"] }
  operator: { verbs: ["*"], environments: ["*"], apps: ["*"] }
bindings:
  - { role: developer, groups: [everyone], channels: [${DEPLOYS}] }
  - { role: operator, groups: [sre], channels: ["*"] }
incidents: { bind: [sre], votes: 0, ignore-windows: true, reason: required, announce: ${RANDOM} }
apps: {}
`;

describe('a closed window', () => {
  let world: World;
  let line: Line;
  beforeAll(async () => {
    world = await simulatedWorld(0.1);
    await createNamespace(world, 'shop');
    line = await startLine({ policy, kubeconfig: world.kubeconfig });
    const { ref } = await world.push('shop/my-app:v1');
    await create(world, appManifest('shop', 'my-app', { image: ref, pullPolicy: 'Always', replicas: 1 }));
    await until(async () => (await podsOf(world, 'shop', 'my-app')).some((pod) => pod.ready), { what: 'my-app runs', withinMs: 20_000 });
  }, 120_000);
  afterAll(async () => {
    await line?.close();
    await world?.close();
  }, 60_000);
  const say = (user: string, text: string) => line.slack.as(user).type(DEPLOYS, text);

  it('refuses, names the next opening, and offers the glass only to whom it is given', async () => {
    await say(DEV, '/repull my-app prod');
    const mine = await line.waitFor(DEV, /Refused[\s\S]*may not be changed now/);
    expect(mine.text).toContain('--at window');
    expect(mine.text).not.toContain('--override');
    await say(SRE, '/repull my-app prod');
    expect((await line.waitFor(SRE, /Refused[\s\S]*may not be changed now/)).text).toContain('--override');
    // The button asks for the opening that the refusal names.
    const opens = /opens again <!date\^(\d+)\^/.exec(mine.message.text)?.[1] ?? '';
    expect(new Date(Number(opens) * 1000).toISOString()).toMatch(/T09:00:00/);
    await world.push('shop/my-app:v1');
    await line.slack.as(DEV).click({ channelId: DEPLOYS, ts: mine.message.ts }, 'schedule');
    const scheduled = await line.waitFor(DEV, /Scheduled[\s\S]*the next opening of the window/);
    expect(scheduled.message.text).toContain(`starts <!date^${opens}^`);
    await line.slack.as(DEV).click({ channelId: DEPLOYS, ts: scheduled.message.ts }, 'cancel');
    await line.waitFor(DEV, /Cancelled/);
  });

  it('is broken only with a reason, the right, and a second person; it is announced, and the card says so', async () => {
    await say(SRE, '/repull my-app prod --override');
    await line.waitFor(SRE, /say why with --reason/);
    await say(DEV, '/repull my-app prod --override --reason "it burns"');
    await line.waitFor(DEV, /Denied/);

    const fresh = await world.push('shop/my-app:v1');
    await say(SRE, '/repull my-app prod --override --reason "it burns"');
    const card = await line.waitFor(SRE, /Waiting for approval[\s\S]*glass broken/);
    const told = await line.waitFor(DEV, /breaks the glass for my-app in prod/, { channel: RANDOM });
    expect(told.text).toContain('it burns');

    const at = { channelId: DEPLOYS, ts: card.message.ts };
    await line.slack.as(SRE).click(at, 'approve');
    await line.waitFor(SRE, /your own request|yourself|own request/i);
    expect((await podsOf(world, 'shop', 'my-app'))[0]?.digest).not.toBe(fresh.digest);
    await line.slack.as(SRE2).click(at, 'approve');
    await line.waitFor(SRE, /Succeeded[\s\S]*pulled new/);
    expect((await podsOf(world, 'shop', 'my-app')).filter((pod) => !pod.deleting)[0]?.digest).toBe(fresh.digest);
  });

  it('a freeze is never broken', async () => {
    await say(SRE, '/repull my-app frozen --override --reason "it burns"');
    const text = (await line.waitFor(SRE, /Refused[\s\S]*frozen/i)).text;
    expect(text).toContain('holiday freeze');
    expect(text).not.toContain('--override');
  });

  it('is ignored in an incident channel, where a reason is needed and every request is announced', async () => {
    await say(SRE, '/repull incident on --for 1h');
    await line.waitFor(DEV, /an incident channel for/, { channel: RANDOM });
    await say(DEV, '/repull my-app prod');
    await line.waitFor(DEV, /every request needs a reason/);
    await world.push('shop/my-app:v1');
    await say(DEV, '/repull my-app prod --reason "restore service"');
    await line.waitFor(DEV, /asks for my-app in prod under incident rules[\s\S]*restore service/, { channel: RANDOM });
    const card = await line.waitFor(DEV, /Succeeded[\s\S]*restore service|Succeeded[\s\S]*incident rules applied/);
    expect(card.text).toContain('incident rules applied');
  });
});
