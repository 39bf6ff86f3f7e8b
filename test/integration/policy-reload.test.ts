import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage } from '../faults/stage.ts';
import { DEPLOYS, DEV, DEV2, SRE } from '../support/line.ts';
import { runRepull } from '../support/process.ts';
import { policyFor } from '../support/stories.ts';
import { until } from '../support/until.ts';

/** The file is rewritten under running processes, as an editor or a ConfigMap would. */
describe('a policy that changes', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  }, 120_000);
  afterAll(() => stage?.close(), 60_000);

  const { log, metrics } = {
    log: () => stage.line.bots[0]?.log() ?? '',
    metrics: async () => (await fetch(`http://127.0.0.1:${stage.line.bots[0]?.opsPort}/metrics`)).text(),
  };
  const canI = async (user: string, verb: string) => {
    const mark = stage.line.slack.view(user, DEPLOYS).messages.length;
    await stage.say(user, `/repull can-i my-app prod ${verb}`);
    const answer = () =>
      stage.line.slack
        .view(user, DEPLOYS)
        .messages.slice(mark)
        .find((each) => each.ephemeral && each.text.includes(`${verb} my-app`));
    return (await stage.line.slack.waitFor(answer, { what: `what ${user} may ${verb}`, seconds: 30 })).text;
  };

  it('under a waiting request: it keeps its decision, approvals use the new policy, and the card says how they differ', async () => {
    await stage.deploy('my-app', { replicas: 1 });
    const fresh = await stage.push('my-app');
    await stage.say(DEV, '/repull my-app prod');
    const card = await stage.untilCard('my-app', /Approvals 0 of 1 \(needed from sre/);
    const whole = policyFor(stage.namespace);
    const changed = whole
      .replace('votes: 1, from: [sre]', 'votes: 2, from: [leads]')
      .replace('groups:\n', `groups:\n  leads: { users: [${DEV2}] }\n`)
      .replace('groups: [sre]', 'groups: [sre, leads]');
    const began = performance.now();
    stage.line.writePolicy(changed);
    const told = await stage.untilCard(
      'my-app',
      /the policy changed since: approvals now come from leads; a new request would need 2, this one keeps 1/,
    );
    // 10 s for the policy, and a moment until Slack has it.
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(told.ts).toBe(card.ts);

    await stage.line.slack.as(SRE).click({ channelId: DEPLOYS, ts: card.ts }, 'approve');
    await stage.line.waitFor(SRE, /An approval has to come from leads/);
    await stage.line.slack.as(DEV2).click({ channelId: DEPLOYS, ts: card.ts }, 'approve');
    await stage.untilCard('my-app', /Succeeded/);
    expect((await stage.pods('my-app')).filter((pod) => !pod.deleting)[0]?.digest).toBe(fresh.digest);
    await stage.push('my-app');
    await stage.say(DEV, '/repull my-app prod');
    const next = await stage.untilCard('my-app', /Approvals 0 of 2 \(needed from leads/);
    expect(next.text).not.toContain('the policy changed');
    await stage.line.slack.as(DEV).click({ channelId: DEPLOYS, ts: next.ts }, 'cancel');

    // The same question on the command line, from the same file.
    for (const [user, verb, word] of [
      [DEV, 'request', 'Allowed with 2 approvals from leads'],
      [DEV2, 'approve', 'Allowed without approval'],
      [SRE, 'approve', 'An approval has to come from leads'],
    ] as const) {
      const args = [
        '--config',
        `${stage.line.dir}/policy.yaml`,
        '--user',
        user,
        '--channel',
        DEPLOYS,
        ...(user === SRE ? ['--in-group', 'S0SRE00001'] : []),
      ];
      const printed = await runRepull(['can-i', ...args, '--json', verb, 'my-app', 'prod'], {});
      await printed.exited;
      const { verdict, rule } = JSON.parse(/^\{.*\}$/m.exec(printed.log())?.[0] ?? '{}') as { verdict: string; rule: string | null };
      const said = await canI(user, verb);
      expect(said).toContain(word);
      expect({ user, verb, allowed: verdict !== 'deny', rule }).toEqual({
        user,
        verb,
        allowed: !said.includes('⛔'),
        rule: /by (bindings\[\d\], role \w+)/.exec(said)?.[1] ?? null,
      });
    }

    stage.line.writePolicy(changed.replace('votes: 2', 'votes: both').replace('groups: [sre, leads]', 'groups: [sre, lead]'));
    await until(async () => (await metrics()).includes('repull_policy_broken{role="bot"} 1'), {
      what: 'the metrics say that the file is broken',
      withinMs: 10_000,
      everyMs: 100,
    });
    expect(log()).toMatch(/policy\.yaml:\d+:\d+: environments\.prod\.approval\.votes/);
    expect(log()).toMatch(/policy\.yaml:\d+:\d+: bindings\[1\]\.groups\[1\]: unknown group \\"lead\\"; did you mean leads\?/);
    expect(await canI(DEV, 'request')).toMatch(
      /Allowed with 2 approvals from leads[\s\S]*the policy file is broken since .* UTC, and the one before it is in force/,
    );
    expect(await stage.line.bots[0]?.readiness()).toMatchObject({ status: 200 });
    stage.line.writePolicy(whole);
    await until(async () => (await metrics()).includes('repull_policy_broken{role="bot"} 0'), {
      what: 'the file is mended',
      withinMs: 10_000,
      everyMs: 100,
    });
    expect(await canI(DEV, 'request')).toMatch(/Allowed with 1 approval from sre(?![\s\S]*broken)/);
  });
});
