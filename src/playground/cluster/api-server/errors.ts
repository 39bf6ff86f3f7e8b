/** A refusal of the API server: thrown anywhere below the router, answered as a `Status` object. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  retryAfterSeconds?: number;
  causes?: { reason?: string; message: string; field?: string }[];
}

/** What errors name: `deployments.apps "web"`, `pods "web-0"`. */
export interface Target {
  group: string;
  plural: string;
  kind?: string;
  name: string;
}

const titled = (target: Target) => `${target.plural}${target.group ? `.${target.group}` : ''}`;
const detailsOf = (target: Target): StatusDetails => ({
  ...(target.name ? { name: target.name } : {}),
  ...(target.group ? { group: target.group } : {}),
  kind: target.plural,
});

export const notFound = (target: Target) =>
  new ApiError(404, 'NotFound', `${titled(target)} "${target.name}" not found`, detailsOf(target));

export const alreadyExists = (target: Target) =>
  new ApiError(409, 'AlreadyExists', `${titled(target)} "${target.name}" already exists`, detailsOf(target));

export const conflict = (target: Target, why: string) =>
  new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${titled(target)} "${target.name}": ${why}`, detailsOf(target));

export const staleVersion = (target: Target) =>
  conflict(target, 'the object has been modified; please apply your changes to the latest version and try again');

export const badRequest = (message: string) => new ApiError(400, 'BadRequest', message);

export interface FieldProblem {
  field: string;
  /** `FieldValueRequired`, `FieldValueInvalid`, `FieldValueForbidden`, … */
  reason: string;
  /** e.g. `Required value`, `Forbidden: no`. */
  message: string;
}

export function invalid(target: Target, problems: FieldProblem[]): ApiError {
  const sentences = problems.map((problem) => (problem.field ? `${problem.field}: ${problem.message}` : problem.message));
  const list = sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`;
  const kind = `${target.kind ?? target.plural}${target.group ? `.${target.group}` : ''}`;
  return new ApiError(422, 'Invalid', `${kind} "${target.name}" is invalid: ${list}`, {
    name: target.name,
    ...(target.group ? { group: target.group } : {}),
    kind: target.kind ?? target.plural,
    causes: problems,
  });
}

export const expired = (message: string) => new ApiError(410, 'Expired', message);

/** The JSON that goes out for an error. */
export function toStatus(error: ApiError): Record<string, unknown> {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: error.message,
    reason: error.reason,
    ...(error.details ? { details: error.details } : {}),
    code: error.code,
  };
}

/** The reason the API server gives for a bare HTTP status. */
export function reasonOf(status: number): string {
  const reasons: Record<number, string> = {
    400: 'BadRequest',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    410: 'Expired',
    422: 'Invalid',
    429: 'TooManyRequests',
    500: 'InternalError',
    503: 'ServiceUnavailable',
    504: 'Timeout',
  };
  return reasons[status] ?? 'Unknown';
}
