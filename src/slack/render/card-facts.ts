import { podsSaid } from '../../domain/cron-run.ts';
import type { CardContext } from '../../app/ports-slack.ts';
import type { RequestRecord } from '../../domain/request.ts';
import { workloadKey } from '../../domain/workload.ts';
import { oneLine } from './escape.ts';
import { first, listed } from './limits.ts';
import type { Line, Part } from './rich.ts';
import { contextPart, joined, mrkdwn, mrkdwnText, NOTHING, person, sectionPart, when } from './rich.ts';
import { LIMITS } from './limits.ts';
import { counted } from './words.ts';

/** Where, what and how: short facts in two columns, then why this method. */
export function factsPart(record: RequestRecord): Part {
  const { ask, plan } = record;
  const facts: [string, Line][] = [['Where', [`${ask.environment}, cluster ${ask.cluster}, namespace ${listed(namespaces(record), 3)}`]]];
  if (ask.at !== undefined && record.endedAt === undefined) facts.push(['Not before', notBefore(ask.at, ask.atLocal)]);
  if (plan === undefined) {
    facts.push(['Method', [ask.via]]);
  } else {
    const [only, ...others] = plan.workloads;
    const pods = plan.workloads.reduce((sum, each) => sum + each.replicas, 0);
    const many = only === undefined || others.length > 0 ? counted(pods, 'pod') : podsSaid(only);
    facts.push(['Workloads', [`${listed(workloads(record), 3)} (${many})`]]);
    facts.push(['Downtime', [listed([...new Set(plan.workloads.map((each) => oneLine(each.downtime)))], 3)]]);
  }
  const why = methodLines(record);
  return {
    lines: [...facts.map(([label, value]): Line => [`${label}: `, ...value]), ...why],
    blocks: [
      { type: 'section', fields: facts.map(([label, value]) => mrkdwnText(`*${label}*\n${mrkdwn(value)}`, LIMITS.field)) },
      ...sectionPart(why).blocks,
    ],
  };
}

/** As the requester wrote it, with the zone in which that was read, and in the reader's own. */
const notBefore = (at: 'window' | number, local: string | undefined): Line =>
  at === 'window' ? ['the next opening of the window'] : [when(at), ...(local === undefined ? [] : [` (${oneLine(local)})`])];

const namespaces = (record: RequestRecord): string[] => [
  ...new Set(record.plan === undefined ? record.ask.namespaces : record.plan.workloads.map((each) => each.workload.namespace)),
];
const workloads = (record: RequestRecord): string[] =>
  (record.plan?.workloads ?? []).map((each) => `${each.workload.kind.toLowerCase()}/${each.workload.name}`);

/** One line where all workloads share a method and its reason, else one each. */
function methodLines(record: RequestRecord): Line[] {
  const { plan } = record;
  if (plan === undefined) return [];
  const reasons = new Map<string, string[]>();
  for (const each of plan.workloads) {
    const said = `${each.method}\u0000${oneLine(each.why)}`;
    reasons.set(said, [...(reasons.get(said) ?? []), workloadKey(each.workload)]);
  }
  const { shown, more } = first([...reasons], 4);
  const lines = shown.map(([said, keys]): Line => {
    const [method = '', why = ''] = said.split('\u0000');
    return [{ bold: 'Method' }, ' ', { code: method }, reasons.size === 1 ? '' : ` for ${listed(keys, 2)}`, why === '' ? '' : `: ${why}`];
  });
  return more === 0 ? lines : [...lines, [`… and ${more} more; Details shows more`]];
}

/** What the planner wants the reader to know before they approve. */
export function warningsPart(record: RequestRecord, max: number): Part {
  const { status } = record.state;
  const before = status === 'awaiting-approval' || status === 'scheduled' || status === 'queued' || status === 'planning';
  const warnings = before ? (record.plan?.warnings ?? []) : [];
  if (warnings.length === 0) return NOTHING;
  const { shown, more } = first(warningLines(warnings), max);
  return sectionPart(more === 0 ? shown : [...shown, [`… and ${counted(more, 'more warning')}; Details shows more`]]);
}

/** `deployment/a: words`: the same words about several workloads are said once. */
export function warningLines(warnings: readonly string[]): Line[] {
  const subjects = new Map<string, string[]>();
  for (const warning of warnings) {
    const [, subject, words] = /^([a-z]+\/[^\s:]+): (.+)$/s.exec(warning) ?? [];
    const said = words ?? warning;
    subjects.set(said, [...(subjects.get(said) ?? []), ...(subject === undefined ? [] : [subject])]);
  }
  return [...subjects].map(([said, about]): Line => ['⚠️ ', about.length === 0 ? '' : `${listed(about, 3)}: `, oneLine(said)]);
}

/** Votes, from whom, and the rule that wanted them. */
export function approvalsPart(record: RequestRecord, context: CardContext): Part {
  const { decision } = record;
  const rule: Line | undefined = decision.rule === undefined ? undefined : ['rule ', { code: decision.rule }];
  const incident: Line | undefined = record.incident === true ? ['incident rules applied'] : undefined;
  const glass: Line | undefined =
    decision.verdict === 'ask' && decision.breakGlass === true ? ['🔨 glass broken: the window is closed'] : undefined;
  const differs: Line | undefined = context.policyDiffers === undefined ? undefined : [`⚠️ ${oneLine(context.policyDiffers)}`];
  const followers: Line | undefined =
    record.followers.length === 0 ? undefined : [`${counted(record.followers.length, 'other request')} joined this one`];
  return contextPart(joined([votes(record), rule, incident, glass, differs, followers]));
}

function votes(record: RequestRecord): Line | undefined {
  const { decision } = record;
  if (decision.verdict === 'allow') return ['no approval needed'];
  if (decision.verdict === 'deny') return undefined;
  const by = [...new Set(record.approvals.map((approval) => approval.by))];
  const names = by.flatMap((id, index): Line => (index === 0 ? [': ', person(id)] : [', ', person(id)]));
  const from = decision.from === undefined || decision.from.length === 0 ? '' : ` from ${listed(decision.from, 3)}`;
  const self = decision.self ? '' : ', not the requester';
  return [
    `Approvals ${by.length} of ${decision.votes}`,
    ...names,
    record.state.status === 'awaiting-approval' ? ` (needed${from}${self})` : '',
  ];
}
