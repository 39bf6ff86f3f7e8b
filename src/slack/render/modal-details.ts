import type { KnownBlock, ModalView } from '@slack/types';
import type { ContainerPlan, Write } from '../../domain/plan.ts';
import type { RequestRecord } from '../../domain/request.ts';
import type { ContainerVerdict } from '../../domain/verdict.ts';
import { sameWorkload, workloadKey } from '../../domain/workload.ts';
import { sentence } from './announcement.ts';
import { planParts } from './answer-plan.ts';
import { headline } from './card-head.ts';
import { digests, verdictLine } from './card-containers.ts';
import { clean, escape, oneLine } from './escape.ts';
import { cut, first, LIMITS } from './limits.ts';
import type { Line } from './rich.ts';
import { context, joined, mrkdwn, mrkdwnText, person, plainText, section, when, whenExactly } from './rich.ts';
import { counted, seconds, shortDigest, VERDICT_EMOJI } from './words.ts';

/** Everything about one request: the full plan, the exact writes, the evidence per container, who said what. */
export function detailsModal(record: RequestRecord): ModalView {
  // A window holds 100 blocks. Once there is evidence, that needs the room.
  const room = (record.verdicts ?? []).length > 0 ? 8 : 25;
  const writes = first(
    (record.plan?.workloads ?? []).flatMap(({ write, second }) => [write, ...(second === undefined ? [] : [second])]),
    room,
  );
  const blocks: KnownBlock[] = [
    section([[{ bold: headline(record) }], [{ code: record.id }, ' asked by ', person(record.requester), ' ', when(record.createdAt)]]),
    ...(record.plan === undefined
      ? [section([['There is no plan yet.']])]
      : [
          ...planParts(record.plan, room).flatMap((part) => part.blocks),
          heading('Exact writes'),
          ...writes.shown.map((write) => code(writeText(write))),
          ...(writes.more === 0 ? [] : [context([`… and ${counted(writes.more, 'more write')}`])]),
          context(['Plan ', { code: record.plan.hash }, ' · seen ', when(record.plan.at)]),
        ]),
    ...evidence(record.verdicts ?? [], record.plan?.containers ?? []),
    ...said(record),
  ];
  return modal(fit(blocks));
}

export const missingModal = (why: string): ModalView => modal([section([sentence(why)])]);

const modal = (blocks: KnownBlock[]): ModalView => ({
  type: 'modal',
  callback_id: 'details',
  title: plainText('Details', LIMITS.viewTitle),
  close: plainText('Close', LIMITS.viewTitle),
  blocks,
});

const heading = (text: string): KnownBlock => ({ type: 'header', text: plainText(text, LIMITS.header) });
const code = (text: string): KnownBlock => ({
  type: 'section',
  text: mrkdwnText(`\`\`\`${cut(escape(clean(text).replaceAll('`', 'ˋ')), LIMITS.sectionText - 100)}\`\`\``),
});

function fit(blocks: KnownBlock[]): KnownBlock[] {
  const { shown, more } = first(blocks, LIMITS.viewBlocks - 1);
  return more === 0 ? [...shown] : [...shown, context([`… and ${more} more parts that do not fit here; repull history --json has all`])];
}

/** What is sent to the API server, as it is sent; the request's own stamp is filled in when it leaves. */
function writeText(write: Write): string {
  const where = `${write.workload.kind} ${write.workload.namespace}/${write.workload.name} (uid ${write.uid})`;
  if (write.action === 'evict') {
    const { shown, more } = first(write.pods, 40);
    const pods = shown.map((pod) => `  ${pod.name} (uid ${pod.uid})${pod.node === undefined ? '' : ` on ${pod.node}`}`);
    return [
      `evict the pods of ${where}, one at a time${write.forceDelete ? '; delete where eviction is refused' : ''}`,
      ...pods,
      ...(more === 0 ? [] : [`  … and ${more} more`]),
    ].join('\n');
  }
  if (write.action === 'run-job') return `create the Job ${write.job} from ${where}`;
  if (write.action === 'restart-at')
    return `set spec.restartAt of ${where} to ${write.at}\nonly while resourceVersion is ${write.resourceVersion}\n${JSON.stringify({ annotations: write.annotations }, undefined, 2)}`;
  const patch = {
    annotations: write.annotations,
    ...(write.images.length === 0 ? {} : { images: write.images }),
    ...(write.pullPolicies.length === 0 ? {} : { pullPolicies: write.pullPolicies }),
  };
  return `patch the template of ${where}\nonly while resourceVersion is ${write.resourceVersion}\n${JSON.stringify(patch, undefined, 2)}`;
}

/** Per container the three digests that are the proof, and per pod what its kubelet said, and when. */
function evidence(verdicts: readonly ContainerVerdict[], plans: readonly ContainerPlan[]): KnownBlock[] {
  if (verdicts.length === 0) return [];
  const { shown, more } = first(verdicts, 15);
  const parts = shown.flatMap((verdict): KnownBlock[] => {
    const pods = first(verdict.pods, 12);
    const lines: Line[] = pods.shown.map((pod) =>
      joined([
        [`${VERDICT_EMOJI[pod.word]} `, { code: pod.pod }, ` ${pod.word}`],
        pod.node === undefined ? undefined : [`on ${pod.node}`],
        pod.after === undefined ? undefined : [{ code: shortDigest(pod.after) }],
        // The event says it in its own words.
        pod.tookMs === undefined || pod.evidence !== undefined ? undefined : [`pulled in ${seconds(pod.tookMs)}`],
        pod.evidence === undefined
          ? ['no pull event was seen']
          : [whenExactly(pod.evidence.at), `: “${oneLine(pod.evidence.message).slice(0, 160)}”`],
      ]),
    );
    const head: Line = [{ bold: verdict.container }, ' in ', { code: workloadKey(verdict.workload) }];
    const plan = plans.find((each) => each.container === verdict.container && sameWorkload(each.workload, verdict.workload));
    const chain = plan === undefined ? [] : [digests(plan, verdict)];
    return [
      section([head, ...chain, verdictLine(verdict)]),
      // As many as fit into one block with the event of each.
      ...[lines.slice(0, 6), lines.slice(6)].filter((some) => some.length > 0).map(section),
      ...(pods.more === 0 ? [] : [context([`… and ${pods.more} more pods`])]),
    ];
  });
  return [heading('Evidence'), ...parts, ...(more === 0 ? [] : [context([`… and ${more} more containers`])])];
}

function said(record: RequestRecord): KnownBlock[] {
  if (record.decisions.length === 0) return [];
  const lines = first(record.decisions, 20).shown.map(
    (each): Line => [
      `${each.verdict} by `,
      person(each.by),
      ' ',
      when(each.at),
      each.reason === undefined ? '' : `: ${oneLine(each.reason)}`,
    ],
  );
  return [heading('Decisions'), { type: 'section', text: mrkdwnText(lines.map(mrkdwn).join('\n')) }];
}
