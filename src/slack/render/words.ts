import { runsLater } from '../../domain/cron-run.ts';
import type { Status } from '../../domain/lifecycle.ts';
import type { RequestRecord } from '../../domain/request.ts';
import type { PodPhase } from '../../domain/rollout.ts';
import type { ContainerVerdict, VerdictWord } from '../../domain/verdict.ts';
import { workloadKey } from '../../domain/workload.ts';

/** The words of product.md §7: a card begins with one of them. */
export const STATE_WORDS: Record<Status, string> = {
  planning: 'Planning',
  'awaiting-approval': 'Waiting for approval',
  scheduled: 'Scheduled',
  queued: 'Queued',
  'rolling-out': 'Rolling out',
  succeeded: 'Succeeded',
  failed: 'Failed',
  refused: 'Refused',
  denied: 'Denied',
  rejected: 'Rejected',
  expired: 'Expired',
  cancelled: 'Cancelled',
  superseded: 'Superseded',
};

/** Beside the word, never instead of it. */
export const STATE_EMOJI: Record<Status, string> = {
  planning: '🔎',
  'awaiting-approval': '✋',
  scheduled: '🗓️',
  queued: '⏳',
  'rolling-out': '🔄',
  succeeded: '✅',
  failed: '❌',
  refused: '🚫',
  denied: '⛔',
  rejected: '👎',
  expired: '⌛',
  cancelled: '🛑',
  superseded: '↪️',
};

export const PHASES: readonly PodPhase[] = ['ready', 'starting', 'pulled', 'pulling', 'waiting', 'failed'];
/** One square per pod; the words beneath carry the meaning. */
export const PHASE_SQUARE: Record<PodPhase, string> = {
  waiting: '⬜',
  pulling: '🟦',
  pulled: '🟪',
  starting: '🟨',
  ready: '🟩',
  failed: '🟥',
};

export const VERDICT_EMOJI: Record<VerdictWord, string> = {
  'pulled new': '✅',
  'pulled, unchanged': '✅',
  'cache, but correct': '⚠️',
  'from node cache': '⚠️',
  inferred: '⚠️',
  'wrong image': '❌',
  unverifiable: '❔',
};

/** What a verdict means, for somebody who reads it the first time. */
export const VERDICT_MEANING: Record<VerdictWord, string> = {
  'pulled new': 'fetched, and it is a new image',
  'pulled, unchanged': 'fetched, and the registry still had the same image',
  'cache, but correct': 'not fetched: the node already had the image that the registry holds',
  'from node cache': 'not fetched: the node used a copy it had',
  inferred: 'the fetch was not seen, but with this pull policy it cannot start without one',
  'wrong image': 'runs another image than the registry holds',
  unverifiable: 'the cluster does not show which image it is, or how it came there',
};

const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** `sha256:1a2b3c4d5e6f`: twelve digits tell any two images of one repository apart. */
export const shortDigest = (digest: string): string => (DIGEST.test(digest) ? digest.slice(0, 19) : digest);

/** `repo:tag` with a digest in it cut short, so that it fits a line. */
export const shortImage = (image: string): string => image.replace(/@sha256:([0-9a-f]{12})[0-9a-f]{52}$/, '@sha256:$1');

/** `0.4 s`, `2.1 s`, `1 min 12 s`, `2 h 3 min`. */
export function seconds(ms: number): string {
  const whole = Math.round(Math.max(0, ms) / 1000);
  if (ms > 0 && ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `812 B`, `45 MB`, `1.2 GB`: decimal, as registries and kubelets count. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : String(Math.round(value))} ${units[unit]}`;
}

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** What the proof amounts to, over every container that was to be fetched. */
export type Proof = 'pulled' | 'same' | 'shared' | 'partly' | 'nothing' | 'unseen' | 'none-yet';

/** The verdicts that count: a neighbour that merely restarted from the node's cache is not what was asked for. */
function concernedVerdicts(record: RequestRecord): ContainerVerdict[] {
  const neighbours = new Set(
    (record.plan?.containers ?? []).filter((each) => !each.concerned).map((each) => `${workloadKey(each.workload)}/${each.container}`),
  );
  return (record.verdicts ?? []).filter((each) => !neighbours.has(`${workloadKey(each.workload)}/${each.container}`));
}

export function proofOf(record: RequestRecord): Proof {
  const each = concernedVerdicts(record).map(proofOfContainer);
  if (each.length === 0) return 'none-yet';
  const fetched = each.filter((proof) => proof !== 'nothing' && proof !== 'unseen');
  if (fetched.length < each.length) return fetched.length > 0 ? 'partly' : each.includes('nothing') ? 'nothing' : 'unseen';
  return (['partly', 'shared', 'pulled'] as const).find((proof) => each.includes(proof)) ?? 'same';
}

/** By its pods: with an exact digest the first pod on a node fetches, and the others start from that same copy. */
function proofOfContainer(verdict: ContainerVerdict): Exclude<Proof, 'none-yet'> {
  const words = verdict.pods.length === 0 ? [verdict.word] : verdict.pods.map((pod) => pod.word);
  const has = (...wanted: VerdictWord[]): boolean => words.some((word) => wanted.includes(word));
  if (!has('pulled new', 'pulled, unchanged')) return has('from node cache', 'cache, but correct', 'wrong image') ? 'nothing' : 'unseen';
  if (has('from node cache', 'wrong image', 'inferred', 'unverifiable')) return 'partly';
  if (has('cache, but correct')) return 'shared';
  return has('pulled new') ? 'pulled' : 'same';
}

/** Nothing could be fetched yet: only the next run of a CronJob makes a pod. */
export const waitsForItsRun = (record: RequestRecord): boolean =>
  record.plan?.workloads.every(runsLater) === true && record.verdicts?.every(({ pods }) => pods.length === 0) !== false;

/** True where the green mark would say more than we know (product.md §7: never a plain success). */
export const isPlainSuccess = (record: RequestRecord): boolean => ['pulled', 'same', 'shared'].includes(proofOf(record));
