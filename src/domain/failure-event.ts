import type { FailureCode } from './failure.ts';
import type { ClusterEvent } from './workload.ts';

/** What stands in a pod's way, as an event tells it. */
export interface FailureEvent {
  code: Extract<
    FailureCode,
    'quota-exceeded' | 'admission-refused' | 'mount-failed' | 'unschedulable' | 'probe-failing' | 'rollout-stalled'
  >;
  container?: string;
  message: string;
  count: number;
  at: number;
}

/**
 * Reads the events that explain why pods do not come up: FailedCreate, FailedMount, FailedAttachVolume, FailedScheduling, Unhealthy,
 * FailedCreatePodSandBox. Undefined for everything else.
 */
export function readFailureEvent(event: ClusterEvent): FailureEvent | undefined {
  const code = codeOf(event);
  if (code === undefined) return undefined;
  return {
    code,
    message: event.message,
    count: event.count,
    at: event.at,
    ...(event.container === undefined ? {} : { container: event.container }),
  };
}

function codeOf(event: ClusterEvent): FailureEvent['code'] | undefined {
  switch (event.reason) {
    case 'FailedCreate':
    case 'ReplicaSetCreateError':
      return createCode(event.message);
    case 'FailedMount':
    case 'FailedAttachVolume':
      return 'mount-failed';
    case 'FailedScheduling':
      return 'unschedulable';
    case 'Unhealthy':
      return 'probe-failing';
    case 'FailedCreatePodSandBox':
      return 'rollout-stalled';
    default:
      return undefined;
  }
}

/** A webhook that is away says nothing about the pods: it may answer again. */
export const isWebhookAway = (message: string): boolean => /failed calling webhook/i.test(message);

/** The API server's refusal to create a pod, as a controller repeats it in an event or in the condition ReplicaFailure. */
export function createCode(message: string): 'quota-exceeded' | 'admission-refused' | 'rollout-stalled' {
  if (/exceeded quota|quota/i.test(message)) return 'quota-exceeded';
  if (/forbidden|failed calling webhook|denied the request|admission webhook|violates|is invalid/i.test(message))
    return 'admission-refused';
  return 'rollout-stalled';
}
