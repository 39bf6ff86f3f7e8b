import { BackendAway } from '../app/ports.ts';
import type { Failure, FailureCode } from '../domain/failure.ts';
import type { RawStatus } from './raw.ts';

const MAX_EVIDENCE = 1000;

/** An answer of the API server that is not 2xx. */
export class StatusError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly causes: { reason: string; message: string; field: string }[];
  readonly retryAfterMs: number | undefined;

  constructor(status: number, reason: string, message: string, causes: StatusError['causes'], retryAfterMs: number | undefined) {
    super(message);
    this.name = 'StatusError';
    this.status = status;
    this.reason = reason;
    this.causes = causes;
    this.retryAfterMs = retryAfterMs;
  }

  /** `text` is a metav1.Status, or whatever a proxy in between wrote. */
  static from(call: { method: string; path: string }, status: number, text: string, retryAfter: string | undefined): StatusError {
    const body = parse(text);
    const message = body.message ?? (text.trim().slice(0, MAX_EVIDENCE) || `${call.method} ${call.path}: HTTP ${status}`);
    const causes = (body.details?.causes ?? []).map((cause) => ({
      reason: cause.reason ?? '',
      message: cause.message ?? '',
      field: cause.field ?? '',
    }));
    const seconds = Number(retryAfter ?? body.details?.retryAfterSeconds);
    return new StatusError(status, body.reason ?? '', message, causes, Number.isFinite(seconds) ? seconds * 1000 : undefined);
  }

  causedBy(reason: string): { reason: string; message: string } | undefined {
    return this.causes.find((cause) => cause.reason === reason);
  }
}

function parse(text: string): RawStatus {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as RawStatus) : {};
  } catch {
    return {};
  }
}

export const hasStatus = (error: unknown, ...statuses: number[]): error is StatusError =>
  error instanceof StatusError && statuses.includes(error.status);

/** The authoriser's own sentence; everything else with 403 comes from admission. */
const DENIED = /cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/;
const WEBHOOK_AWAY = /failed calling webhook "([^"]+)"/;

/**
 * What an answer means to a person. Rethrows what is not theirs to cure: 401, 429 and 5xx as BackendAway, anything else as it is.
 * `subject` names what was touched; `gone` is the code for a 404.
 */
export function failureOf(error: unknown, subject: string, gone: FailureCode = 'workload-gone'): Failure {
  if (!(error instanceof StatusError)) throw error;
  const evidence = error.message.slice(0, MAX_EVIDENCE);
  const denied = DENIED.exec(error.message);
  if (error.status === 403 && denied !== null) {
    const [, verb = '', resource = '', group = '', namespace] = denied;
    const rule = `{ apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"] }`;
    const where = namespace === undefined ? "the worker's ClusterRole" : `the worker's Role in namespace ${namespace}`;
    return { code: 'bot-forbidden', subject: `${verb} ${resource}`, evidence, remedy: `add to ${where}: ${rule}` };
  }
  if (error.status === 404 || error.causedBy('NamespaceTerminating') !== undefined) return { code: gone, subject, evidence };
  if (error.status === 409) return { code: 'conflict', subject, evidence, transient: true };
  const webhook = error.status === 500 ? WEBHOOK_AWAY.exec(error.message)?.[1] : undefined;
  if (webhook !== undefined) {
    // Nothing was changed yet, so there is nothing to wait with: whoever asked may ask again.
    const remedy = `bring the service behind the webhook ${webhook} back, then press Retry`;
    const look = 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations';
    return { code: 'admission-refused', subject, evidence, transient: true, remedy, look };
  }
  if ([400, 403, 405, 406, 413, 415, 422].includes(error.status)) return { code: 'admission-refused', subject, evidence };
  throw awayFrom(error);
}

/** 401, 429 without a cause of its own, 5xx: nobody's failure, try again. */
function awayFrom(error: StatusError): BackendAway {
  const what =
    error.status === 401 ? "the API server does not accept the worker's credentials (401)" : `HTTP ${error.status}: ${error.message}`;
  return new BackendAway('kubernetes', what.slice(0, MAX_EVIDENCE), {
    cause: error,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  });
}
