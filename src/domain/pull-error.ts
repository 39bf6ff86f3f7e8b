import type { FailureCode } from './failure.ts';

export interface PullError {
  code: Extract<
    FailureCode,
    'image-not-found' | 'registry-denied' | 'no-matching-platform' | 'invalid-image' | 'pull-failed' | 'would-not-pull'
  >;
  /** Waiting may cure it: throttling, an outage, a full disk. */
  transient: boolean;
}

/** Waiting reasons of a container whose image is not there (kubelet's images/types.go). */
const REASONS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);
export const isPullReason = (reason: string | undefined): boolean => reason !== undefined && REASONS.has(reason);

/**
 * What a failed pull means, from the runtime's words. The order matters: "no match for platform in manifest: not found" is no missing tag, and a
 * transport error may quote a URL with anything in it. What is not recognised is given time.
 */
export function readPullError(reason: string, said: string): PullError {
  const text = withoutNames(said);
  if (reason === 'InvalidImageName' || /invalid reference format|couldn't parse image/i.test(text))
    return { code: 'invalid-image', transient: false };
  if (reason === 'ErrImageNeverPull' || /not present with pull policy of Never/i.test(text))
    return { code: 'would-not-pull', transient: false };
  if (reason === 'SignatureValidationFailed' || /signature (?:validation|verification) failed/i.test(text))
    return { code: 'pull-failed', transient: false };
  if (/no match(?:ing manifest)? for (?:platform|[a-z0-9]+\/)|no matching manifest/i.test(text))
    return { code: 'no-matching-platform', transient: false };
  if (TRANSIENT.test(text)) return { code: 'pull-failed', transient: true };
  if (/\b40[13]\b|unauthorized|forbidden|denied|authorization failed|authentication required|no basic auth/i.test(text))
    return { code: 'registry-denied', transient: false };
  if (/not found|manifest unknown|name unknown|does not exist|\b404\b/i.test(text)) return { code: 'image-not-found', transient: false };
  return { code: 'pull-failed', transient: true };
}

/**
 * The next step where the runtime's words name it; undefined leaves the words of the code. A kubelet does not say why it was refused, only that.
 */
export function pullRemedy({ code, transient }: PullError, said: string, node: string | undefined): string | undefined {
  const text = withoutNames(said);
  const where = node ?? 'the node';
  if (code !== 'pull-failed') return undefined;
  if (!transient) return 'the image is not signed as the node demands: sign it, or correct the signature policy of the node';
  if (/pull QPS exceeded/i.test(text))
    return 'the kubelet limits its own pulls (registryPullQPS); fewer new pods at a time, or a higher limit';
  if (/\b429\b|toomanyrequests|too many requests|rate limit/i.test(text))
    return 'the registry counts the pulls of your nodes: wait for its limit to reset, pull with credentials, or from a mirror; then Retry';
  if (/no space left/i.test(text)) return `free disk on ${where} (images, logs, emptyDir volumes), then Retry`;
  if (/x509|certificate|TLS handshake/i.test(text))
    return `${where} does not trust the registry's certificate, or cannot speak TLS with it: correct that, then Retry`;
  if (/no such host|server misbehaving/i.test(text)) return `${where} cannot resolve the registry's name: check its DNS, then Retry`;
  if (/\b50[0-9]\b|service unavailable|bad gateway|gateway timeout/i.test(text))
    return 'the registry itself is in trouble: wait for it, or ask its owner; then Retry';
  return `check that ${where} can reach the registry (is it up? a proxy or firewall between?), then Retry`;
}

/** An image may be called `denied:429`: what stands in quotes, and its repetitions without them, is a name and no cause. */
function withoutNames(text: string): string {
  const names = Array.from(text.matchAll(/"([^"]+)"/g), (match) => match[1] ?? '').filter((name) => name !== '');
  return names.reduce((rest, name) => rest.replaceAll(name, ''), text);
}

const TRANSIENT =
  /\b429\b|toomanyrequests|too many requests|rate limit|pull QPS exceeded|\b50[0-9]\b|service unavailable|bad gateway|gateway timeout|i\/o timeout|deadline exceeded|timed? ?out|connection refused|connection reset|no such host|server misbehaving|network is unreachable|no route to host|unexpected EOF|TLS handshake|no space left|dial tcp/i;
