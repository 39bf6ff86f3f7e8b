import { cut, keyFor, NEVER, type Symptom } from './symptom.ts';
import type { ClusterEvent, ContainerState, Pod, PodContainer } from './workload.ts';

/** Once is an accident; the kubelet starts it again at once. */
const RESTARTS = 2;

export function crashSymptom(pod: Pod, container: PodContainer, events: readonly ClusterEvent[]): Symptom[] | undefined {
  if (!hasCrashed(container)) return undefined;
  const last = lastExit(container);
  const killed = killedByProbe(events, container.name, last);
  const code = crashCode(last, killed);
  return [
    {
      // Every crash counts, whatever face it shows; and no probe that merely failed counts with them.
      ...keyFor(pod, container.name, 'crash'),
      detail: container.state?.is === 'waiting' ? (container.state.reason ?? 'restarting') : 'crashed',
      failure: {
        code,
        subject: `${pod.name}/${container.name}`,
        evidence: cut(crashText(container, last, killed)),
        look: `kubectl -n ${pod.namespace} logs ${pod.name} -c ${container.name} --previous`,
      },
      seen: container.restartCount,
      fatalAt: RESTARTS,
      budgetMs: 0,
      certainMs: NEVER,
    },
  ];
}

/** How a container ends when the kubelet ends it; any other code is its own doing, whatever its probes said meanwhile. */
const ENDED_BY_KUBELET = [0, 137, 143];

/**
 * A probe of a container that has just crashed finds nobody, and says so in an Unhealthy event ("probe errored"): that is a consequence, not the
 * cause. The kubelet announces what it ends itself; without that announcement (events get lost) the exit code has to fit.
 */
function killedByProbe(events: readonly ClusterEvent[], container: string, last: Exit | undefined): ClusterEvent | undefined {
  const own = events.filter((event) => event.container === container);
  const failed = own.findLast((event) => event.reason === 'Unhealthy' && /^(?:Liveness|Startup) probe failed/.test(event.message));
  const announced = own.findLast((event) => event.reason === 'Killing' && /failed (?:liveness|startup) probe/.test(event.message));
  if (announced !== undefined) return failed ?? announced;
  return last === undefined || ENDED_BY_KUBELET.includes(last.exitCode) ? failed : undefined;
}

/** Ended where it should run, or brought back since; an init container that ended well has done its work. */
function hasCrashed({ role, state, ready, restartCount }: PodContainer): boolean {
  const ended = state?.is === 'terminated' ? state.exitCode : undefined;
  if (role === 'init' && ended === 0) return false;
  if (ended !== undefined) return true;
  return restartCount > 0 && !(ready && state?.is === 'running');
}

type Exit = Extract<ContainerState, { is: 'terminated' }>;

const lastExit = ({ state, lastState }: PodContainer): Exit | undefined =>
  state?.is === 'terminated' ? state : lastState?.is === 'terminated' ? lastState : undefined;

/** The runtime could not even start the program; some of that is no fault of its configuration. */
const NOT_STARTED = /^(?:StartError|ContainerCannotRun)$/;

function crashCode(
  last: Exit | undefined,
  killed: ClusterEvent | undefined,
): 'out-of-memory' | 'probe-failing' | 'no-matching-platform' | 'container-config' | 'container-crashed' {
  const words = last?.message ?? '';
  if (last?.reason === 'OOMKilled' || /OOM-killed/i.test(words)) return 'out-of-memory';
  if (killed !== undefined) return 'probe-failing';
  // An image of another architecture that is no index pulls well and cannot be executed.
  if (/exec format error/.test(words)) return 'no-matching-platform';
  return NOT_STARTED.test(last?.reason ?? '') ? 'container-config' : 'container-crashed';
}

/** Exit codes that say more than a number, to whoever knows them by heart. */
const MEANING: Record<number, string> = {
  126: 'the command cannot be executed',
  127: 'the command was not found',
  137: 'killed with SIGKILL',
  139: 'segmentation fault',
  143: 'ended with SIGTERM',
};

function crashText(container: PodContainer, last: Exit | undefined, killed: ClusterEvent | undefined): string {
  const restarts = `restarted ${container.restartCount} ${container.restartCount === 1 ? 'time' : 'times'}`;
  if (killed !== undefined) return `${killed.message.trim().replace(/:$/, '')}; its kubelet ended it for that, ${restarts}`;
  const words = last?.message?.trim() ?? '';
  return `${exitText(last)}, ${restarts}${words === '' ? '' : `: ${words}`}`;
}

function exitText(last: Exit | undefined): string {
  if (last === undefined) return 'it ended';
  const meaning = last.reason === 'OOMKilled' ? undefined : MEANING[last.exitCode];
  const said = [last.reason, meaning].filter((text) => text !== undefined).join(', ');
  return `exit code ${last.exitCode}${said === '' ? '' : ` (${said})`}`;
}
