import { Redis } from 'ioredis';
import { keys } from '../../src/store/keys.ts';
import { openStage } from '../faults/stage.ts';
import { DEV, GUEST, SRE, SRE2, SRE_GROUP, workspace } from '../support/line.ts';
import { freePort, type Running } from '../support/process.ts';
import { until } from '../support/until.ts';
import { wire } from './security-wire.ts';

export const EXT = 'U0EXTERN01';
export const EXT_TEAM = 'T9999EXT01';
export const SRE3 = 'U0SRE00003';
export const GONE = 'U0GONE0001';
export const ROBOT = 'U0ROBOT001';
export const FLOW = 'U0FLOW0001';

export type Security = Awaited<ReturnType<typeof openSecurity>>;

/** Real processes over signed HTTP, so that payloads can say what no Slack client would; strangers, guests and bots in the approvers' group. */
export async function openSecurity() {
  const people = [
    { id: EXT, name: 'ext', kind: 'external' as const, teamId: EXT_TEAM },
    { id: SRE3, name: 'suki' },
    { id: GONE, name: 'gone', deactivated: true },
    { id: ROBOT, name: 'robot', kind: 'bot' as const },
    { id: FLOW, name: 'flow', kind: 'workflow-bot' as const },
  ];
  const ids = people.map((each) => each.id);
  const stage = await openStage({
    bots: 0,
    slack: {
      workspace: {
        ...workspace,
        users: [...workspace.users, ...people],
        channels: workspace.channels.map((channel) => ({ ...channel, members: [...channel.members, ...ids] })),
        // Whatever the group says of them.
        userGroups: [{ id: SRE_GROUP, handle: 'sre', members: [SRE, SRE2, GUEST, ...ids] }],
      },
    },
    policyOf: (policy) =>
      policy.replace(
        '\napps:',
        `\n  brief:\n${prod(policy).replace('expires: 30m', 'expires: 2s')}\n  triple:\n${prod(policy).replace('votes: 1', 'votes: 3')}\napps:`,
      ),
  });
  const redis = new Redis(stage.line.redis.url);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/slack/events`;
  stage.line.slack.useHttp(url);
  const startBot = async (): Promise<Running> => {
    const started = await stage.line.startBot({
      SLACK_APP_TOKEN: '',
      SLACK_SIGNING_SECRET: stage.line.slack.signingSecret,
      PORT: String(port),
    });
    await started.untilReady();
    return started;
  };
  const bot = await startBot();
  const send = wire(stage, url);
  const member = (id: string) => ({ id, team_id: stage.line.slack.teamId });
  const record = async (id: string) => {
    const [state, version, approvals] = await redis.hmget(keys.request(id), 'state', 'version', 'approvals');
    return { state: (JSON.parse(state ?? '{}') as { status?: string }).status, version: Number(version), approvals: approvals ?? '' };
  };
  const waiting = async (app: string, environment = 'prod') => {
    await stage.deploy(app, { replicas: 1 });
    await stage.push(app);
    await stage.say(DEV, `/repull ${app} ${environment}`);
    const card = await stage.untilCard(app, /Waiting for approval/);
    const buttons = card.blocks.flatMap((block) => (block['elements'] as { action_id?: string; value?: string }[] | undefined) ?? []);
    const value = buttons.find((each) => each.action_id === 'approve')?.value ?? '';
    return { ts: card.ts, value, id: value.split('.')[0] ?? '' };
  };
  /** Jobs of the intake queue are done in order of arrival, by one bot: once this is answered, so is what came before. */
  const answers = async (user: string, count: number) =>
    until(() => stage.line.slack.calls.of('chat.postEphemeral').filter((call) => call.args['user'] === user).length >= count, {
      what: `${count} answers to ${user}`,
      withinMs: 20_000,
    });
  const answered = (user: string) => stage.line.slack.calls.of('chat.postEphemeral').filter((call) => call.args['user'] === user).length;
  const close = async () => {
    redis.disconnect();
    await stage.close();
  };
  return { stage, redis, bot, startBot, send, member, record, waiting, answers, answered, close };
}

/** The lines of environment prod. */
const prod = (policy: string): string => /\n {2}prod:\n((?: {4}.*\n)+)/.exec(policy)?.[1]?.trimEnd() ?? '';
