import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, judgeSuccess, type Stage } from '../faults/stage.ts';
import { DEV } from '../support/line.ts';
import { counted, table } from './figures.ts';

/** On the simulated cluster, whose API server and registry write down what they are asked. */
describe('what one repull of four pods costs', () => {
  let stage: Stage;
  beforeAll(async () => {
    // As slow as a real cluster, so that what repeats with time is counted as it would be.
    stage = await openStage({ timeScale: 1, slack: { rateLimits: 'real' } });
  }, 120_000);
  afterAll(async () => stage?.close(), 60_000);

  it.each([
    ['with a vote, pull policy Always', 'my-app', 'prod'],
    ['without a vote, by eviction', 'guarded', 'staging'],
  ])('%s', async (title, app, environment) => {
    const { simulated } = stage.world;
    await stage.deploy(app, { replicas: 4, env: { READY_AFTER: '1s' } });
    const fresh = await stage.push(app);
    simulated?.cluster.requests.clear();
    simulated?.registry.requests.clear();
    const mark = stage.line.slack.calls.mark();
    const began = performance.now();
    await stage.say(DEV, `/repull ${app} ${environment}${environment === 'staging' ? ' --via evict' : ''}`);
    if (environment === 'prod') await stage.approve(app);
    await stage.untilCard(app, /Succeeded/);
    const seconds = (performance.now() - began) / 1000;
    const ours = simulated?.cluster.requests.filter((request) => request.userAgent === 'repull') ?? [];
    const api = ours.filter((request) => request.path !== '/readyz');
    const registry = simulated?.registry.requests.filter((request) => request.userAgent.startsWith('repull')) ?? [];
    const slack = stage.line.slack.calls.since(mark);
    console.log(
      [
        table(
          `One repull of 4 pods ${title}: ${seconds.toFixed(1)} s; Slack Web API, ${slack.length} calls`,
          counted(slack, (call) => `${call.method} ${call.result}`),
        ),
        table(
          `Kubernetes API, ${api.length} calls`,
          counted(api, (request) => `${request.verb} ${request.resource === '' ? request.path : request.resource}`),
        ),
        table(
          `Registry, ${registry.length} calls`,
          counted(registry, (request) => `${request.method} ${request.path.replaceAll(/sha256:[0-9a-f]+/g, 'DIGEST')}`),
        ),
      ].join('\n\n'),
    );
    expect(slack.filter((call) => call.result === 'rate-limited')).toEqual([]);
    expect(slack.length).toBeLessThan(60);
    expect(api.length).toBeLessThan(600);
    if (environment === 'prod') await judgeSuccess(stage, app, { generation: 2, digest: fresh.digest });
  });
});
