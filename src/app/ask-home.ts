import { mayVoteOn } from '../domain/approve.ts';
import { decide } from '../domain/decide.ts';
import type { RequestRecord } from '../domain/request.ts';
import { rightsOf, visibleApps, visibleEnvironments, namesOf } from '../domain/visible.ts';
import { whoAndWhere, type BotDeps } from './bot-deps.ts';
import { standsOn } from './click.ts';

/** One line of the App Home; the card's place makes its buttons work. */
interface Row {
  record: RequestRecord;
  card?: { channel: string; ts: string; permalink?: string };
}

const RECENT = 50;

/** What one person's App Home shows. Each request is judged with the facts of the channel that it stands in. */
export async function askHome(deps: BotDeps, user: string, team: string) {
  const open = await deps.store.open();
  const recent = (await deps.store.list({ limit: RECENT })).filter((record) => record.endedAt !== undefined);
  const actor = await deps.directory.actor(user, team);
  const may = async (record: RequestRecord, approve: boolean): Promise<boolean> => {
    const { place } = await whoAndWhere(deps, user, team, record.channel);
    const decision = approve ? mayVoteOn(deps.policy(), actor, place, record) : decide(deps.policy(), actor, place, 'view', record.ask);
    return decision.verdict === 'allow' || (!approve && record.requester === user);
  };
  const waiting = open.filter(
    (record) => record.state.status === 'awaiting-approval' && !record.approvals.some((each) => each.by === user),
  );
  const running = open.filter((record) => record.state.status === 'queued' || record.state.status === 'rolling-out');
  return {
    approvals: await rows(deps, await only(waiting, (record) => may(record, true))),
    running: await rows(deps, await only(running, (record) => may(record, false))),
    recent: await rows(deps, (await only(recent, (record) => may(record, false))).slice(0, 10)),
    rights: rightsOf(deps.policy(), actor).map((right) => {
      const apps = all(right.apps, 'every app');
      const where = `${apps} in ${all(right.environments, 'every environment')}`;
      const channels = all(
        right.channels.map((id) => (id === '*' ? id : `<#${id}>`)),
        'every channel',
      );
      return `${all(right.verbs, 'everything')} on ${where} (${right.rule}; ${channels})`;
    }),
  };
}

const all = (names: readonly string[], every: string): string => (names.includes('*') ? every : names.join(', '));

async function only(records: RequestRecord[], test: (record: RequestRecord) => Promise<boolean>): Promise<RequestRecord[]> {
  const keep = await Promise.all(records.map(test));
  return records.filter((_, index) => keep[index]);
}

function rows(deps: BotDeps, records: RequestRecord[]): Promise<Row[]> {
  return Promise.all(
    records.map(async (record): Promise<Row> => {
      const { card } = await deps.deliveries.delivery(record.id);
      if (card === undefined) return { record };
      const permalink = await deps.channel.permalink(card);
      return { record, card: { ...card, ...(permalink === undefined ? {} : { permalink }) } };
    }),
  );
}

/** The record behind a Details button: only on a message of that record, for whoever may view it from this channel. */
export async function askDetails(
  deps: BotDeps,
  id: string,
  user: string,
  team: string,
  { channel, message }: { channel: string; message: string },
): Promise<RequestRecord | undefined> {
  const record = await deps.store.load(id);
  if (record === undefined || record.channel !== channel || !(await standsOn(deps, id, message))) return undefined;
  const { actor, place } = await whoAndWhere(deps, user, team, channel);
  return record.requester === user || decide(deps.policy(), actor, place, 'view', record.ask).verdict === 'allow' ? record : undefined;
}

/** For type-ahead and suggestions: nothing that this person may not see here. */
export async function askVisible(deps: BotDeps, user: string, team: string, channel: string) {
  const { actor, place } = await whoAndWhere(deps, user, team, channel);
  const policy = deps.policy();
  return {
    apps: namesOf(visibleApps(policy, actor, place)),
    environments: visibleEnvironments(policy, actor, place).map((each) => each.name),
    channels: [...new Set(rightsOf(policy, actor).flatMap((right) => right.channels))],
  };
}
