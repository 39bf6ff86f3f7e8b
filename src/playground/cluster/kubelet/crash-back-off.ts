import type { Clock } from '../clock.ts';
import type { Pod } from '../objects.ts';
import { TIMINGS } from '../timings.ts';
import type { ContainerRecord } from './container-lifecycle.ts';
import type { Waiting } from './pull.ts';

/** Whether a container that ended has to wait: 10 s after the second end, then twice as long each time; the first restart is at once. */
export function crashBackOff(pod: Pod, record: ContainerRecord, clock: Clock): { waiting: Waiting; milliseconds: number } | undefined {
  if (!record.state.terminated) return undefined;
  const left = record.backOff - clock.since(record.finishedAt);
  if (record.backOff > 0 && left > 0) {
    const { name, namespace = '', uid = '' } = pod.metadata;
    const message = `back-off ${goMinutes(record.backOff)} restarting failed container=${record.spec.name} pod=${name}_${namespace}(${uid})`;
    return { waiting: { reason: 'CrashLoopBackOff', message }, milliseconds: left };
  }
  record.backOff = record.backOff ? Math.min(record.backOff * 2, TIMINGS.backOffMax) : TIMINGS.backOff;
  return undefined;
}

/** `40s`, `1m20s`: whole seconds as Go prints them. */
function goMinutes(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
