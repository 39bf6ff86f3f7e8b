import { mayVoteOn } from '../domain/approve.ts';
import { decide } from '../domain/decide.ts';
import type { RequestRecord } from '../domain/request.ts';
import { rightsOf, visibleApps, visibleEnvironments, namesOf } from '../domain/visible.ts';
import { where, whoAndWhere, type BotDeps } from './bot-deps.ts';
import type { HomeContent, HomeRow } from './ports-slack.ts';
import { standsOn } from './stands-on.ts';

/** Ended requests that are shown, and how many are looked at for them: what others may see takes no place away. */
const RECENT = 10;
const LOOKED_AT = 300;
const PAGE = 50;

/** What one person's App Home shows. Each request is judged with the facts of the channel that it stands in. */
export async function askHome(deps: BotDeps, user: string, team: string): Promise<HomeContent> {
  const open = await deps.store.open();
  const actor = await deps.directory.actor(user, team);
  // Each channel is asked about once, and the person once, however many requests there are.
  const places = new Map<string, ReturnType<typeof where>>();
  const placeOf = (channel: string): ReturnType<typeof where> => {
    const known = places.get(channel) ?? where(deps, channel);
    places.set(channel, known);
    return known;
  };
  const may = async (record: RequestRecord, approve: boolean): Promise<boolean> => {
    const place = await placeOf(record.channel);
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
    recent: await rows(deps, await recentOf(deps, (record) => may(record, false))),
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

async function recentOf(deps: BotDeps, may: (record: RequestRecord) => Promise<boolean>): Promise<RequestRecord[]> {
  const found: RequestRecord[] = [];
  let before: string | undefined;
  for (let looked = 0; looked < LOOKED_AT && found.length < RECENT; looked += PAGE) {
    const page = await deps.store.list({ limit: PAGE, ...(before === undefined ? {} : { before }) });
    const ended = page.filter((record) => record.endedAt !== undefined);
    found.push(...(await only(ended, may)));
    before = page.at(-1)?.id;
    if (page.length < PAGE) break;
  }
  return found.slice(0, RECENT);
}

const all = (names: readonly string[], every: string): string => (names.includes('*') ? every : names.join(', '));

async function only(records: RequestRecord[], test: (record: RequestRecord) => Promise<boolean>): Promise<RequestRecord[]> {
  const keep = await Promise.all(records.map(test));
  return records.filter((_, index) => keep[index]);
}

function rows(deps: BotDeps, records: RequestRecord[]): Promise<HomeRow[]> {
  return Promise.all(
    records.map(async (record): Promise<HomeRow> => {
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
    aliases: Object.fromEntries(visibleApps(policy, actor, place).flatMap((app) => app.aliases.map((alias) => [alias, app.name]))),
    channels: [...new Set(rightsOf(policy, actor).flatMap((right) => right.channels))],
  };
}
