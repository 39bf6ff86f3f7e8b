import { describe, expect, it } from 'vitest';
import { METHODS, type Method } from '../../../src/domain/method.ts';
import { AWAY } from '../../../src/slack/listeners/accept.ts';
import { aBench, type Bench, DEPLOYS, DEV, SRE } from './support.ts';

/** my-app may be asked for everywhere, cache in staging only; prod allows two methods. */
const PLACES: Record<string, string[]> = { 'my-app': ['prod', 'staging'], cache: ['staging'] };
const ALIASES = { myapp: 'my-app' };
const methodsOf = (environment: string | undefined): Method[] =>
  environment === 'prod' ? ['restart', 'pin'] : METHODS.filter((method) => method !== 'set-image');

function choicesOf(given: { needsReason?: boolean } = {}) {
  const visible = async (user: string) =>
    user === DEV
      ? { apps: ['my-app', 'cache', 'secret', 'myapp'], environments: ['prod', 'staging'], channels: [DEPLOYS], aliases: ALIASES }
      : { apps: [], environments: [], channels: [DEPLOYS] };
  const choices = async (who: { user: string }, chosen: { app?: string; environment?: string }) => {
    const all = who.user === DEV ? [...Object.keys(PLACES), 'myapp'] : [];
    const environments =
      who.user === DEV ? ['prod', 'staging'].filter((each) => chosen.app === undefined || placesOf(chosen.app).includes(each)) : [];
    return {
      apps: all.filter((app) => chosen.environment === undefined || placesOf(app).includes(chosen.environment)),
      environments,
      methods: methodsOf(environments.find((each) => each === chosen.environment)),
      needsReason: given.needsReason ?? false,
    };
  };
  return { visible, choices };
}
const placesOf = (app: string): string[] => PLACES[app === 'myapp' ? 'my-app' : app] ?? [];

const offered = async ({ local }: Bench, field: string, typed = '') =>
  (await local.as(DEV).suggest(undefined, field, typed)).map((option) => option.value);
const choose = async ({ local }: Bench, field: string, value: string) => {
  const before = local.as(DEV).modal()?.hash;
  await local.as(DEV).suggest(undefined, field, value.slice(0, 2));
  await local.as(DEV).clickModal(field, { value });
  await local.waitFor(() => local.as(DEV).modal()?.hash !== before, { what: 'the form followed' });
};
const open = async (bench: Bench) => {
  await bench.local.as(DEV).type(DEPLOYS, '/repull');
  await bench.local.waitFor(() => bench.local.as(DEV).modal());
};
const held = ({ local }: Bench): Record<string, unknown> =>
  Object.fromEntries(
    Object.values(local.as(DEV).modal()?.state ?? {}).flatMap((fields) =>
      Object.entries(fields).map(([field, value]) => [field, (value['selected_option'] as { value?: string } | null)?.value]),
    ),
  );
const methodsOffered = async (bench: Bench) => offered(bench, 'method');

describe('the form of the bare command', () => {
  it('offers what this person may ask for, and is written down when it is sent', async () => {
    const bench = await aBench(choicesOf());
    await open(bench);
    expect(await offered(bench, 'app', 'my')).toEqual(['my-app', 'myapp']);
    expect(await offered(bench, 'app', 'sec')).toEqual([]);
    expect(await offered(bench, 'environment')).toEqual(['prod', 'staging']);
    await choose(bench, 'app', 'my-app');
    await choose(bench, 'environment', 'staging');
    bench.local.as(DEV).fill('reason', 'new build');
    await bench.local.as(DEV).submit();
    expect(bench.queues.jobs[0]?.intake).toMatchObject({
      kind: 'submit',
      callback: 'request',
      metadata: `${DEPLOYS} - my-app staging`,
      values: { app: 'my-app', environment: 'staging', method: 'auto', reason: 'new build' },
    });
  });

  it('offers nothing to whoever may see nothing', async () => {
    const bench = await aBench(choicesOf());
    await bench.local.as(SRE).type(DEPLOYS, '/repull');
    await bench.local.waitFor(() => bench.local.as(SRE).modal());
    expect(await bench.local.as(SRE).suggest(undefined, 'app', '')).toEqual([]);
  });

  it('lets app and environment follow each other', async () => {
    const bench = await aBench(choicesOf());
    await open(bench);
    await choose(bench, 'environment', 'prod');
    expect(await offered(bench, 'app')).toEqual(['my-app', 'myapp']);
    await choose(bench, 'app', 'my-app');
    bench.local.as(DEV).fill('reason', 'kept');
    // Another app may always be chosen; an environment where it may not be asked for goes with the old one.
    expect(await offered(bench, 'app')).toEqual(['cache', 'my-app', 'myapp']);
    await choose(bench, 'app', 'cache');
    expect(held(bench)).toMatchObject({ app: 'cache', environment: undefined });
    expect(await offered(bench, 'environment')).toEqual(['staging']);
    const refused = await bench.local.as(DEV).submit();
    expect(refused.kind).toBe('refused-by-slack');
    await choose(bench, 'environment', 'staging');
    await bench.local.as(DEV).submit();
    expect(bench.queues.jobs[0]?.intake).toMatchObject({ values: { app: 'cache', environment: 'staging', reason: 'kept' } });
  });

  it('offers the methods that the environment allows, and takes out one that it does not', async () => {
    const bench = await aBench(choicesOf());
    await open(bench);
    expect(await methodsOffered(bench)).toEqual(METHODS.filter((method) => method !== 'set-image'));
    bench.local.as(DEV).fill('method', 'evict');
    await choose(bench, 'environment', 'prod');
    expect(await methodsOffered(bench)).toEqual(['restart', 'pin']);
    expect(held(bench)).toMatchObject({ method: 'restart', environment: 'prod' });
    bench.local.as(DEV).fill('method', 'pin');
    await choose(bench, 'app', 'my-app');
    expect(held(bench)).toMatchObject({ method: 'pin' });
  });

  it('says at the field what does not fit, and keeps what was filled in', async () => {
    const bench = await aBench(choicesOf({ needsReason: true }));
    await open(bench);
    bench.local.as(DEV).fill('method', 'evict');
    // The form could not follow the choice.
    bench.local.faults.add({ method: 'views.update', times: 2, do: { kind: 'error', error: 'internal_error' } });
    for (const [field, value] of Object.entries({ app: 'my-app', environment: 'prod' })) {
      await bench.local.as(DEV).suggest(undefined, field, '');
      await bench.local.as(DEV).clickModal(field, { value });
    }
    const outcome = await bench.local.as(DEV).submit();
    expect(outcome.fieldErrors).toEqual({
      reason: 'In an incident channel every request needs a reason.',
      method: 'prod does not allow evict. Allowed: restart, pin.',
    });
    expect(bench.queues.offered).toBe(0);
    bench.local.as(DEV).fill('reason', 'it burns');
    bench.local.as(DEV).fill('method', 'restart');
    bench.queues.mood = 'fails';
    expect((await bench.local.as(DEV).submit()).fieldErrors).toEqual({ app: AWAY });
    bench.queues.mood = 'fine';
    await bench.local.as(DEV).submit();
    expect(bench.queues.jobs[0]?.intake).toMatchObject({ values: { method: 'restart', reason: 'it burns' } });
  });

  it('shows the later of two choices that meet', async () => {
    const bench = await aBench(choicesOf());
    await open(bench);
    const dev = bench.local.as(DEV);
    for (const field of ['app', 'environment']) await dev.suggest(undefined, field, '');
    bench.local.faults.add({ method: 'views.update', do: { kind: 'slow', ms: 150 } });
    await Promise.all([dev.clickModal('app', { value: 'my-app' }), dev.clickModal('environment', { value: 'prod' })]);
    await bench.local.waitFor(() => dev.modal()?.privateMetadata === `${DEPLOYS} - my-app prod`, { what: 'both choices' });
    expect(held(bench)).toMatchObject({ app: 'my-app', environment: 'prod' });
  });
});
