import type { Command } from '../command/command.ts';
import { printCommand } from '../command/print.ts';
import { decide } from '../domain/decide.ts';
import type { RequestRecord } from '../domain/request.ts';
import { visibleEnvironments } from '../domain/visible.ts';
import type { Answer, StatusRow } from './answers.ts';
import type { BotDeps } from './bot-deps.ts';
import { readId } from './new-id.ts';
import type { Call } from './run-command.ts';

/** A page of history; more is a narrower question away. */
const PAGE = 10;

export const maySee = (deps: BotDeps, call: Call, record: RequestRecord): boolean =>
  record.requester === call.user || decide(deps.policy(), call.actor, call.place, 'view', record.ask).verdict === 'allow';

export async function askStatus(deps: BotDeps, call: Call, filter: { app?: string; environment?: string }): Promise<Answer> {
  const open = (await deps.store.open()).filter((record) => matches(deps, record, filter) && maySee(deps, call, record));
  const rows = await Promise.all(
    open.map(async (record): Promise<StatusRow> => {
      const place = await deps.store.position(record.id);
      return { record, ...(place === undefined ? {} : place) };
    }),
  );
  const seen = visibleEnvironments(deps.policy(), call.actor, call.place).map((each) => each.name);
  const freezes = (await deps.switches.freezes()).filter(
    ({ environment }) => seen.includes(environment) && (filter.environment === undefined || filter.environment === environment),
  );
  return { kind: 'status', rows, freezes };
}

export async function askHistory(deps: BotDeps, call: Call, filter: Extract<Command, { verb: 'history' }>): Promise<Answer> {
  const app = filter.app === undefined ? undefined : canonical(deps, filter.app);
  const records: RequestRecord[] = [];
  let before = filter.before === undefined ? undefined : (readId(filter.before) ?? filter.before);
  const requester = filter.user === 'me' ? call.user : filter.user;
  // Pages past what this person may not see, so that ten lines are ten lines; bounded, because history is not.
  for (let page = 0; page < 20 && records.length <= PAGE; page++) {
    const batch = await deps.store.list({
      limit: 50,
      ...(app === undefined ? {} : { app }),
      ...(filter.environment === undefined ? {} : { environment: filter.environment }),
      ...(requester === undefined ? {} : { requester }),
      ...(filter.result === undefined ? {} : { status: filter.result }),
      ...(before === undefined ? {} : { before }),
    });
    records.push(...batch.filter((record) => maySee(deps, call, record)));
    before = batch.at(-1)?.id;
    if (batch.length < 50) break;
  }
  const shown = records.slice(0, PAGE);
  const last = shown.at(-1);
  if (records.length <= PAGE || last === undefined) return { kind: 'history', records: shown };
  return { kind: 'history', records: shown, older: printCommand({ ...filter, before: last.id }, '/repull') };
}

export async function askShow(deps: BotDeps, call: Call, id: string): Promise<Answer> {
  const record = await deps.store.load(readId(id) ?? id);
  if (record === undefined || !maySee(deps, call, record)) return noSuch(id);
  return { kind: 'show', record };
}

/** Unknown and unseen get the same answer. */
export const noSuch = (id: string): Answer => ({ kind: 'click-refused', text: `There is no request ${id} that you may see here.` });

const canonical = (deps: BotDeps, app: string): string =>
  [...deps.policy().apps.values()].find((each) => each.aliases.includes(app))?.name ?? app;

const matches = (deps: BotDeps, record: RequestRecord, filter: { app?: string; environment?: string }): boolean =>
  (filter.app === undefined || record.ask.app === canonical(deps, filter.app)) &&
  (filter.environment === undefined || record.ask.environment === filter.environment);
