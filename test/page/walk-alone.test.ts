import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLUSTER, DANA, DEPLOYS, demoPolicy, demoWorkspace, PERSONAS, SAM } from '../../src/playground/demo.ts';
import { commandHints } from '../../src/playground/page-server/hints.ts';
import { startPageServer } from '../../src/playground/page-server/server.ts';
import { stageSimulated } from '../../src/playground/page-server/stage-simulated.ts';
import { startLine } from '../support/line.ts';
import { hasChromium } from './support/browser.ts';
import { startVisits, type Visitor } from './support/walk.ts';

/** Slack may show an answer to a command beside the first word instead of in its place (docs/slack-unproven.md). */
describe.skipIf(!hasChromium)('on a Slack that replaces no answer to a command', () => {
  const undo: (() => Promise<unknown>)[] = [];
  let dana: Visitor;
  let sam: Visitor;
  beforeAll(async () => {
    const cluster = await stageSimulated();
    undo.push(() => cluster.close());
    if (!('text' in cluster.kubeconfig)) throw new Error('the simulated cluster has no kubeconfig of its own');
    const line = await startLine({
      policy: demoPolicy(cluster.places),
      kubeconfig: cluster.kubeconfig.text,
      cluster: CLUSTER,
      slack: { workspace: demoWorkspace(), commandReplaceOriginal: 'ignored' },
    });
    undo.push(() => line.close());
    const page = await startPageServer({
      slack: line.slack,
      cluster: cluster.source,
      assets: path.resolve(process.env['REPULL_TEST_DIST'] ?? 'dist', 'playground', 'page'),
      port: 0,
      stage: {
        personas: PERSONAS,
        shortcuts: [],
        hints: commandHints(cluster.hints, ['prod', 'staging']),
        tour: { channel: DEPLOYS, app: 'my-app', environment: 'prod', requester: DANA, approver: SAM },
      },
    });
    undo.push(() => page.close());
    const visits = await startVisits(page.url);
    undo.push(() => visits.close());
    [dana, sam] = await Promise.all([visits.as('Dana'), visits.as('Sam')]);
  }, 120_000);
  afterAll(async () => {
    for (const each of undo.toReversed()) await each();
  }, 60_000);

  it('every answer says by itself what it is about, and none but the first word says "Planning"', async () => {
    const about: [line: string, says: RegExp][] = [
      ['/repull my-app prod', /Refused 🚫 · my-app in prod[^]*nothing new/],
      ['/repull my-ap prod', /There is no app "my-ap"[^]*Try: \/repull my-app prod/],
      ['/repull my-app prod --dry-run --force', /Dry run 🔎 · my-app in prod/],
      ['/repull check web prod', /Check 🔎 · web in prod/],
      ['/repull report nightly', /Refused 🚫 · report in nightly[^]*outside the maintenance window/],
      ['/repull rollback cache prod', /Refused 🚫 · cache in prod[^]*nothing to roll/],
      ['/repull report nightly --override --reason fire', /Denied ⛔ · report in nightly/],
    ];
    for (const [line, says] of about) expect((await dana.ask(line)).text).toMatch(says);
    const words = (await dana.shown()).filter((one) => /Planning .* …/.test(one.text)).map((one) => /Planning .* …/.exec(one.text)?.[0]);
    expect(words).toContain('Planning my-app in prod …');
  });

  it('from the request over the approval to the proof, with the button under the refusal', async () => {
    const refused = await dana.ask('/repull my-app prod --reason "said alone"');
    const card = await dana.request(() => dana.press(refused.at, 'Do it all the same'));
    expect(await dana.reads(card, /Waiting for approval/)).toMatch(/my-app in prod[^]*Reason: said alone/);
    const joined = await dana.ask('/repull my-app prod --force');
    expect(joined.text).toMatch(/being done already[^]*Open the card/);
    await sam.press(await sam.same(card), 'Approve', 'Approve');
    await dana.reads(card, /^Succeeded/m);
  });
});
