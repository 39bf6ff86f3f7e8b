import type { PullEvidence } from './verdict.ts';
import type { ClusterEvent } from './workload.ts';

const COMBINED = /^\(combined from similar events\): /;
/** Go's %q: the image text of the pod spec. */
const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"';

const PULLING = new RegExp(`^Pulling image ${QUOTED}`);
const PRESENT = new RegExp(`^Container image ${QUOTED} already present on machine`);
const NEVER = new RegExp(`^Container image ${QUOTED} is not present with pull policy of Never`);
const PULL_FAILED = new RegExp(`^Failed to pull image ${QUOTED}: ([\\s\\S]*)$`);
const BACK_OFF = new RegExp(`^Back-off pulling image ${QUOTED}`);
const BAD_NAME = new RegExp(`^Failed to apply default image tag ${QUOTED}: ([\\s\\S]*)$`);
const INSPECT = new RegExp(`^Failed to inspect image ${QUOTED}: ([\\s\\S]*)$`);
/** Newest kubelets: duration, duration with the wait in the queue, size. Up to 1.29 without the size, up to 2022 only one duration. */
const PULLED = new RegExp(
  `^Successfully pulled image ${QUOTED} in ([0-9.a-zµμ]+)(?: \\(([0-9.a-zµμ]+) including waiting\\))?(?:\\. Image size: ([0-9]+) bytes)?`,
);
/** The container starter repeats the image error under the reason `Failed`; every other `Error: …` is about starting. */
const STARTER =
  /^Error: (ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName|ImageInspectError|RegistryUnavailable|SignatureValidationFailed)/;

/**
 * Reads what a kubelet said about pulling an image, or undefined for everything else. The reasons `Failed` and `BackOff` are shared with
 * container starts; only the text tells them apart. An aggregated event's field path names the first container of the series,
 * so its container is left empty and the image must say which one is meant.
 */
export function readPullEvent(event: ClusterEvent): PullEvidence | undefined {
  if (event.objectKind !== 'Pod') return undefined;
  const combined = COMBINED.test(event.message);
  // Without a container it is about an image volume, which may well hold the image that a container runs (seen on 1.36).
  if (!combined && event.container === undefined) return undefined;
  const read = readMessage(event.reason, event.message.replace(COMBINED, ''));
  if (read === undefined) return undefined;
  return {
    eventUid: event.uid,
    count: event.count,
    podUid: event.objectUid,
    pod: event.objectName,
    container: combined ? '' : (event.container ?? ''),
    at: event.at,
    image: read.image,
    what: read.what,
    message: event.message,
  };
}

type Read = Pick<PullEvidence, 'image' | 'what'>;

function readMessage(reason: string, text: string): Read | undefined {
  switch (reason) {
    case 'Pulling':
      return withImage(PULLING.exec(text), () => ({ is: 'pulling' }));
    case 'Pulled':
      return withImage(PRESENT.exec(text), () => ({ is: 'already-present' })) ?? withImage(PULLED.exec(text), pulled);
    case 'Failed':
      return withImage(PULL_FAILED.exec(text), (match) => failed('ErrImagePull', match[2])) ?? readStarter(text);
    case 'BackOff':
      return withImage(BACK_OFF.exec(text), () => ({ is: 'back-off', message: text }));
    case 'ErrImageNeverPull':
      return withImage(NEVER.exec(text), () => failed('ErrImageNeverPull', text));
    case 'InspectFailed':
      return (
        withImage(BAD_NAME.exec(text), (match) => failed('InvalidImageName', match[2])) ??
        withImage(INSPECT.exec(text), (match) => failed('ImageInspectError', match[2]))
      );
    default:
      return undefined;
  }
}

function readStarter(text: string): Read | undefined {
  const reason = STARTER.exec(text)?.[1];
  if (reason === undefined) return undefined;
  return { image: '', what: reason === 'ImagePullBackOff' ? { is: 'back-off', message: text } : failed(reason, '') };
}

function withImage(match: RegExpExecArray | null, what: (match: RegExpExecArray) => PullEvidence['what']): Read | undefined {
  return match === null ? undefined : { image: match[1] ?? '', what: what(match) };
}

const failed = (reason: string, message: string | undefined): PullEvidence['what'] => ({ is: 'failed', reason, message: message ?? '' });

function pulled(match: RegExpExecArray): PullEvidence['what'] {
  const took = durationMs(match[2]);
  const whole = durationMs(match[3]);
  const bytes = match[4] === undefined ? undefined : Number(match[4]);
  return {
    is: 'pulled',
    ...(took === undefined ? {} : { tookMs: took }),
    ...(took === undefined || whole === undefined ? {} : { waitedMs: Math.max(0, whole - took) }),
    // 0 is the kubelet's "could not find out", not an empty image.
    ...(bytes === undefined || bytes === 0 ? {} : { bytes }),
  };
}

const UNIT_MS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, µs: 0.001, μs: 0.001, ns: 0.000_001 };

/** Go's Duration.String(): `1m2.5s`, `308ms`, `33µs`. */
export function durationMs(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:[0-9]+(?:\.[0-9]+)?(?:h|ms|m|us|µs|μs|ns|s))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9]+(?:\.[0-9]+)?)(h|ms|m|us|µs|μs|ns|s)/g))
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  return Math.round(total);
}
