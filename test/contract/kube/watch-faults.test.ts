import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { simulatedCluster } from '../../support/simulated-cluster.ts';
import { until } from '../../support/until.ts';
import { aDeployment } from './subject.ts';
import { look, refTo, settled } from './steps.ts';

/** What only a simulation can do on demand: watches that end, expire, go quiet, are refused. */
let subject: Awaited<ReturnType<typeof simulatedCluster>>;
const REF = () => refTo('Deployment', subject.namespace, 'web');

beforeAll(async () => {
  subject = await simulatedCluster();
  const { ref: image } = await subject.push('watched');
  await subject.apply(aDeployment('web', { image }));
  const cluster = subject.connect();
  await settled(cluster, REF());
  await cluster.close();
});
afterEach(() => {
  subject.cluster.faults.clear();
  subject.cluster.requests.clear();
});
afterAll(async () => {
  await subject.close();
});

describe('a watch', () => {
  const impatient = { inactivityMs: 300, backoffMs: 10, maxBackoffMs: 50 };
  const steady = { inactivityMs: 120_000, backoffMs: 10, maxBackoffMs: 50 };
  const requests = (verb: string, resource: string) =>
    subject.cluster.requests.filter((one) => one.verb === verb && one.resource === resource);

  /** A watch of `web` that stands, and how often it has woken since. */
  const watching = async (watchTimes = steady) => {
    const cluster = subject.connect({ watchTimes });
    await look(cluster, REF());
    let wakes = 0;
    const stop = cluster.watch([REF()], () => {
      wakes += 1;
    });
    const open = () => ['deployments', 'pods', 'events'].every((resource) => requests('watch', resource).length > 0);
    await until(() => wakes > 0 && open(), { what: 'the watch stands' });
    return {
      woken: () => wakes,
      close: async () => {
        stop();
        await cluster.close();
      },
    };
  };
  /** Changes `web`, and waits until the watch says so. */
  const touchUntilWoken = async (watch: { woken: () => number }, what: string) => {
    const before = watch.woken();
    const [pod] = subject.cluster.list('pods', subject.namespace, { run: 'web' });
    await subject.cluster.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: subject.namespace, labels: { touched: `t${Date.now()}` } },
    });
    expect(pod).toBeDefined();
    await until(() => watch.woken() > before, { what });
  };

  it.each(['clean', 'mid-line', 'expired'] as const)('that ends (%s) is opened again', async (how) => {
    const watch = await watching();
    subject.cluster.requests.clear();
    let ended = 0;
    await until(() => (ended += subject.cluster.faults.endWatches({}, how)) >= 3, { what: 'all three are ended' });
    await until(() => ['deployments', 'pods', 'events'].every((resource) => requests('watch', resource).length > 0), {
      what: 'all three are open again',
    });
    expect(ended).toBeGreaterThanOrEqual(3);
    await touchUntilWoken(watch, 'it wakes for a change after that');
    await watch.close();
  });

  it('that was cut off wakes when it is back, because anything may have happened meanwhile', async () => {
    const watch = await watching();
    const before = watch.woken();
    await subject.cluster.faults.apiAway();
    await subject.cluster.faults.apiBack();
    await until(() => watch.woken() > before, { what: 'it wakes' });
    await until(() => requests('list', 'deployments').length >= 2, { what: 'the workload is listed again' });
    expect(watch.woken()).toBeGreaterThan(before);
    await watch.close();
  });

  it('of Events that answers an empty 200 from a stale resourceVersion lists again instead of asking for the same for ever', async () => {
    subject.cluster.faults.emptyWatch({ resource: 'events' }, 1);
    const watch = await watching();
    await until(() => requests('list', 'events').length >= 3, { what: 'events are listed again (one list is the look)' });
    await until(() => requests('watch', 'events').length >= 2, { what: 'and watched again' });
    const [first, second] = requests('watch', 'events');
    expect(second?.query['resourceVersion']).not.toBe('');
    expect(first?.query['allowWatchBookmarks']).toBe('true');
    await watch.close();
  });

  it('of pods that ends at once three times in a row is listed again', async () => {
    subject.cluster.faults.emptyWatch({ resource: 'pods' }, 3);
    const watch = await watching();
    await until(() => requests('watch', 'pods').length >= 4, { what: 'a fourth watch' });
    // One list is the look's, one opens the stream, one follows the third empty end.
    expect(requests('list', 'pods')).toHaveLength(3);
    await touchUntilWoken(watch, 'it wakes for a change after that');
    await watch.close();
  });

  it('that goes silent is given up and opened again', async () => {
    const watch = await watching(impatient);
    const before = requests('watch', 'deployments').length;
    await until(() => requests('watch', 'deployments').length > before, { what: 'it is opened again' });
    expect(requests('list', 'deployments').length).toBeGreaterThanOrEqual(2);
    await touchUntilWoken(watch, 'it wakes for a change after that');
    await watch.close();
  });

  it('on which something happens now and then is kept', async () => {
    const watch = await watching({ ...steady, inactivityMs: 1500 });
    const since = performance.now();
    const busy = async () => {
      await touchUntilWoken(watch, 'it wakes');
      return performance.now() - since > 4000;
    };
    await until(busy, { what: 'more than twice the time of inactivity has passed', withinMs: 20_000, everyMs: 100 });
    expect(requests('watch', 'deployments')).toHaveLength(1);
    await watch.close();
  });

  it.each([
    [410, 'Expired'],
    [429, 'TooManyRequests'],
    [500, 'InternalError'],
    [403, 'Forbidden'],
  ])('refused with %i is tried again', async (status, reason) => {
    subject.cluster.faults.answer({ verb: 'watch', resource: 'deployments' }, { status, reason, message: 'no' }, 2);
    const watch = await watching();
    await until(() => requests('watch', 'deployments').length >= 3, { what: 'a third watch' });
    expect(requests('watch', 'deployments').map((one) => one.status)).toEqual([
      status,
      status,
      expect.toSatisfy((last) => last === 0 || last === 200),
    ]);
    await touchUntilWoken(watch, 'it wakes for a change after that');
    await watch.close();
  });

  it('backs off while it is refused', async () => {
    subject.cluster.faults.answer({ verb: 'watch', resource: 'deployments' }, { status: 500, message: 'no' }, Infinity);
    const cluster = subject.connect({ watchTimes: { inactivityMs: 120_000, backoffMs: 60, maxBackoffMs: 60_000 } });
    const stop = cluster.watch([REF()], () => undefined);
    await until(() => requests('watch', 'deployments').length >= 4, { what: 'a fourth try' });
    const times = requests('watch', 'deployments').map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    // 60 ms, 120 ms, 240 ms, each between a half and the whole of it.
    expect(gaps[0]).toBeGreaterThanOrEqual(29);
    expect(gaps[1]).toBeGreaterThanOrEqual(59);
    expect(gaps[2]).toBeGreaterThanOrEqual(119);
    stop();
    await cluster.close();
  });

  it('of the same workload by two requests is one stream, which ends with the last of them', async () => {
    const cluster = subject.connect({ watchTimes: steady });
    await look(cluster, REF());
    const [first, second] = [cluster.watch([REF()], () => undefined), cluster.watch([REF()], () => undefined)];
    await until(() => requests('watch', 'events').length > 0 && requests('watch', 'pods').length > 0, { what: 'the streams stand' });
    expect(requests('watch', 'events')).toHaveLength(1);
    expect(requests('watch', 'pods')).toHaveLength(1);
    first();
    await until(() => subject.cluster.faults.endWatches({ resource: 'events' }, 'clean') > 0, { what: 'the stream of events is ended' });
    await until(() => requests('watch', 'events').length >= 2, { what: 'the other still watches' });
    second();
    await until(() => subject.cluster.faults.endWatches({}, 'clean') === 0, { what: 'nothing is watched any more' });
    subject.cluster.requests.clear();
    // Longer than the longest pause before a stream would be opened again.
    const since = performance.now();
    await until(async () => (await look(cluster, REF())) && performance.now() - since > 150, { what: 'some looks' });
    expect(subject.cluster.requests.filter(({ verb }) => verb === 'watch')).toEqual([]);
    await cluster.close();
  });
});
