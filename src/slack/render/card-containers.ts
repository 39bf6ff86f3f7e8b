import { WORST_FIRST } from '../../domain/judge.ts';
import type { ContainerPlan } from '../../domain/plan.ts';
import type { RequestRecord } from '../../domain/request.ts';
import type { ContainerVerdict } from '../../domain/verdict.ts';
import { workloadKey } from '../../domain/workload.ts';
import { first, listed } from './limits.ts';
import type { Line, Part, Span } from './rich.ts';
import { joined, NOTHING, section, sectionPart } from './rich.ts';
import { bytes, counted, seconds, shortDigest, shortImage, VERDICT_EMOJI, VERDICT_MEANING } from './words.ts';

/** Before → registry → after, one paragraph per container that is to fetch; its neighbours in one line. */
export const containersPart = (record: RequestRecord, max: number): Part =>
  containerParagraphs(record.plan?.containers ?? [], max, record.verdicts ?? []);

export function containerParagraphs(planned: readonly ContainerPlan[], max: number, verdicts: readonly ContainerVerdict[] = []): Part {
  const verdictOf = new Map(verdicts.map((each) => [key(each), each]));
  const concerned = planned.filter((each) => each.concerned);
  const { shown, more } = first(concerned, max);
  const several = new Set(concerned.map((each) => workloadKey(each.workload))).size > 1;
  const parts = shown.map((each) => containerLines(each, several, verdictOf.get(key(each))));
  const rest: Line[] = [];
  if (more > 0) rest.push([`… and ${more} more ${more === 1 ? 'container' : 'containers'}; Details shows more`]);
  const neighbours = planned.filter((each) => !each.concerned).map((each) => each.container);
  if (neighbours.length > 0) rest.push([`Restarting with them: ${listed([...new Set(neighbours)], 6)}`]);
  if (parts.length === 0 && rest.length === 0) return NOTHING;
  const tail = sectionPart(rest);
  return { lines: [...parts.flat(), ...tail.lines], blocks: [...parts.map((lines) => section(lines)), ...tail.blocks] };
}

const key = (each: { workload: ContainerPlan['workload']; container: string }): string => `${workloadKey(each.workload)}/${each.container}`;

function containerLines(plan: ContainerPlan, several: boolean, verdict?: ContainerVerdict): Line[] {
  const name: Line = [
    { bold: plan.container },
    ...(plan.role === 'container' ? [] : [` (${plan.role})`]),
    ...(several ? [' in ', { code: workloadKey(plan.workload) }] : []),
    '  ',
    ...images(plan),
  ];
  const lines: Line[] = [name, digests(plan, verdict)];
  if (verdict !== undefined) lines.push(verdictLine(verdict));
  return lines;
}

const images = (plan: ContainerPlan): Line =>
  plan.image === plan.imageAfter
    ? [{ code: shortImage(plan.image) }]
    : [{ code: shortImage(plan.image) }, ' → ', { code: shortImage(plan.imageAfter) }];

/** The chain that is the proof: what ran, what the registry holds, what runs now. */
export function digests(plan: ContainerPlan, verdict?: ContainerVerdict, word = 'before'): Line {
  const before = verdict?.before ?? plan.running;
  const chain: Line = [`${word} `, ...digestList(before, 'nothing running'), ' → registry ', ...registrySpan(plan, verdict?.registry)];
  // Without a new pod there is no now: the old ones may well run on.
  return verdict === undefined || verdict.pods.length === 0
    ? chain
    : [...chain, ' → now ', ...digestList(verdict.after, 'nothing running')];
}

function digestList(digests: readonly string[], none: string): Line {
  if (digests.length === 0) return [none];
  const { shown, more } = first(digests, 2);
  const spans = shown.flatMap((each, index): Span[] => [...(index === 0 ? [] : [', ']), { code: shortDigest(each) }]);
  return more === 0 ? spans : [...spans, ` and ${more} more`];
}

const registryWord = (plan: ContainerPlan): string => (plan.registry.known ? plan.registry.digest : `unknown (${plan.registry.because})`);
const registrySpan = (plan: ContainerPlan, seen?: string): Line => {
  if (seen !== undefined) return [{ code: shortDigest(seen) }];
  return plan.registry.known ? [{ code: shortDigest(plan.registry.digest) }] : [registryWord(plan)];
};

/** The word, its meaning, and what the kubelet measured. Sizes are of the image, not of what was transferred. */
export function verdictLine(verdict: ContainerVerdict): Line {
  const pulls = verdict.pods.flatMap((pod) => (pod.tookMs === undefined ? [] : [pod.tookMs]));
  const waits = verdict.pods.flatMap((pod) => (pod.waitedMs === undefined ? [] : [pod.waitedMs]));
  const sizes = verdict.pods.flatMap((pod) => (pod.bytes === undefined ? [] : [pod.bytes]));
  const slowest = Math.max(...pulls);
  const fastest = Math.min(...pulls);
  return joined([
    ...wordsOf(verdict),
    pulls.length === 0
      ? undefined
      : [seconds(slowest) === seconds(fastest) ? `pulled in ${seconds(slowest)}` : `pulled in ${seconds(fastest)} to ${seconds(slowest)}`],
    waits.length === 0 || Math.max(...waits) < 1000 ? undefined : [`after waiting up to ${seconds(Math.max(...waits))}`],
    sizes.length === 0 ? undefined : [`image size ${bytes(Math.max(...sizes))}`],
    verdict.pods.length === 0 ? undefined : [counted(verdict.pods.length, 'pod')],
  ]);
}

/** One word where all pods agree; else each word with its pods: the worst first, but where all is well what was fetched. */
function wordsOf(verdict: ContainerVerdict): Line[] {
  if (verdict.pods.length === 0) return [['⚪ no new pod to judge']];
  const words = WORST_FIRST.filter((word) => verdict.pods.some((pod) => pod.word === word));
  if (words.length < 2) return [[`${VERDICT_EMOJI[verdict.word]} `, { bold: verdict.word }, ` (${VERDICT_MEANING[verdict.word]})`]];
  const isWell = words.every((word) => word === 'pulled new' || word === 'pulled, unchanged' || word === 'cache, but correct');
  return (isWell ? words.toReversed() : words).map(
    (word): Line => [
      `${VERDICT_EMOJI[word]} `,
      { bold: word },
      ` ${counted(verdict.pods.filter((pod) => pod.word === word).length, 'pod')}`,
    ],
  );
}
