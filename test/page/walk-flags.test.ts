import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METHODS } from '../../src/domain/method.ts';
import { KubeApi } from '../../src/kube/client.ts';
import { hasChromium } from './support/browser.ts';
import { startWalk, type Visitor, type Walk } from './support/walk.ts';

/** docs/walk.md says which of these tests walks what, and as whom. */
describe.skipIf(!hasChromium)('every flag of /repull <app> <env>, and every button under a refusal', () => {
  let walk: Walk;
  let dana: Visitor;
  let sam: Visitor;
  beforeAll(async () => {
    walk = await startWalk();
    [dana, sam] = await Promise.all([walk.as('Dana'), walk.as('Sam')]);
  }, 120_000);
  afterAll(() => walk.close(), 60_000);

  const dry = async (rest: string, visitor = dana): Promise<string> => (await visitor.ask(`/repull ${rest} --dry-run`)).text;

  it('--via takes each method, and says what each would do', async () => {
    for (const method of METHODS.filter((each) => each !== 'set-image' && each !== 'auto'))
      expect(await dry(`my-app prod --via ${method} --force`)).toContain(`method ${method}: asked for`);
    expect(await dry('my-app prod --force')).toMatch(/method pin: .*IfNotPresent/);
    expect(await dry('web prod --force --pin')).toContain('method pin');
    expect((await dana.ask('/repull web prod --via magic')).text).toContain('There is no method "magic"');
    expect((await dana.ask('/repull web prod --via set-image')).text).toContain('add --tag T or --image REF');
  });

  it('--tag and --image are asked of the registry first; --workload, --container and --pod name what there is', async () => {
    const image = /(localhost:\d+\/shop\/)my-app:stable/.exec((await dana.ask('/repull check my-app prod')).text)?.[1] ?? '';
    expect(await dry('my-app prod --tag v9')).toMatch(/The registry does not have \S+my-app:v9/);
    expect(await dry(`my-app prod --image ${image}report:1`)).toMatch(/method set-image[^]*shop\/report:1/);
    expect(await dry(`web prod --tag latest --force`)).toContain('method set-image');
    expect(await dry('my-app prod --workload deployment/web')).toContain('my-app has deployment/my-app');
    expect(await dry('my-app prod --workload deployment/my-app --force')).toContain('deployment/shop-prod/my-app');
    expect(await dry('web prod --container sidecar')).toContain('There is no container sidecar');
    expect(await dry('web prod --container app --force')).toContain('method restart');
    const none = await dry('web prod --pod web-0');
    expect(none).toContain('There is no pod web-0');
    const pod = /its pods: (web-[\w-]+)/.exec(none)?.[1] ?? '-';
    expect(await dry(`web prod --pod ${pod} --force`)).toMatch(/method evict[^]*1 of 2 pods/);
  });

  it('--force-delete, --now and a long reason are refused in words; --reason stands on the card', async () => {
    expect((await sam.ask('/repull web staging --force-delete --force')).text).toMatch(/--force-delete is not allowed here/);
    expect((await dana.ask('/repull web staging --now --force')).text).toContain('is no CronJob');
    expect((await dana.ask(`/repull web staging --force --reason "${'x'.repeat(501)}"`)).text).toMatch(/500/);
    const card = await dana.request('/repull web staging --force --reason "*bold* <!channel> & co"');
    const text = await dana.reads(card, /^Succeeded/m);
    // Drawn as the text that it is: nobody is called.
    expect(text.replaceAll('\u2060', '')).toContain('bold <!channel> & co');
  });

  it('--at is a time that is still to come: it is scheduled and can be cancelled; one that has passed is refused', async () => {
    const day = new Date(Date.now() + 6 * 86_400_000).toISOString().slice(0, 10);
    const card = await dana.request(`/repull web staging --force --at "${day} 12:30"`);
    expect(await dana.reads(card, /^Scheduled/m)).toMatch(/starts .*1[0-4]:30/);
    await dana.press(card, 'Cancel');
    await dana.reads(card, /^Cancelled/m);
    expect((await dana.ask('/repull web staging --force --at "2020-01-01 12:30"')).text).toContain('has passed');
    expect((await dana.ask('/repull web staging --at tomorrow')).text).toContain('--at takes window or a time');
  });

  it('"Do it all the same" keeps the time that was asked for', async () => {
    const day = new Date(Date.now() + 6 * 86_400_000).toISOString().slice(0, 10);
    const refused = await dana.ask(`/repull web staging --at "${day} 12:30"`);
    expect(refused.text).toContain('nothing new');
    const card = await dana.request(() => dana.press(refused.at, 'Do it all the same'));
    await dana.reads(card, /^Scheduled/m);
    await dana.press(card, 'Cancel');
    await dana.reads(card, /^Cancelled/m);
  });

  it('outside the window it says when it opens; Schedule, --at window and a broken glass are the ways on', async () => {
    const refused = await dana.ask('/repull report nightly --force');
    expect(refused.text).toMatch(/nightly may not be changed now[^]*outside the maintenance window[^]*opens again/);
    expect(refused.text).not.toContain('--override');
    const card = await dana.request(() => dana.press(refused.at, 'Schedule'));
    expect(await dana.reads(card, /^Scheduled/m)).toMatch(/starts .*\b2:00|02:00/);
    expect(await card.locator('.block-actions').getByRole('button').allInnerTexts()).toEqual(['Cancel', 'Details']);
    expect((await sam.ask('/repull report nightly --force --at window')).text).toContain('is being done already');
    await dana.press(card, 'Cancel');
    await dana.reads(card, /^Cancelled/m);
    expect((await dana.ask('/repull report nightly --force --override')).text).toContain('say why with --reason');
    expect((await dana.ask('/repull report nightly --force --override --reason fire')).text).toMatch(/Denied ⛔[^]*Who can help: sre/);
    expect((await sam.ask('/repull report nightly --force')).text).toContain('--override');
    const glass = await sam.request('/repull report nightly --force --override --reason fire');
    expect(await sam.reads(glass, /^Waiting for approval/m)).toContain('glass broken');
    const own = await sam.answerTo(() => sam.press(glass, 'Approve', 'Approve'), 'Approve');
    expect(own.text).toContain('It is your own request');
    await sam.go('sre-audit');
    await sam.announced(/@Sam Okafor breaks the glass for report in nightly.*fire. A second person must approve/);
    await sam.go('deploys');
    await sam.press(await sam.same(glass), 'Cancel');
    await sam.reads(await sam.same(glass), /^Cancelled/m);
  });

  it('a restart that would pull nothing offers the pin, and a paused workload the replacing of its pods', async () => {
    await dana.push('shop/my-app');
    const refused = await dana.ask('/repull my-app prod --via restart');
    expect(refused.text).toMatch(/Refused 🚫 · my-app in prod/);
    const card = await dana.request(() => dana.press(refused.at, 'Pin to the new digest'));
    expect(await dana.reads(card, /^Waiting for approval/m)).toContain('Method pin');
    await dana.press(card, 'Cancel');
    const api = new KubeApi({ kubeconfigFile: `${walk.playground.folder()}/kubeconfig` });
    await api.json({
      method: 'PATCH',
      path: '/apis/apps/v1/namespaces/shop-staging/deployments/my-app',
      contentType: 'application/merge-patch+json',
      body: { spec: { paused: true } },
    });
    const paused = await dana.ask('/repull my-app staging --force');
    expect(paused.text).toContain('paused');
    const evicting = await dana.request(() => dana.press(paused.at, 'Replace the pods as they are'));
    expect(await dana.reads(evicting, /^Succeeded/m)).toContain('Method evict');
    await api.close();
  });
});
