import { type Problem, problemText } from './check.ts';

/** A method's refusal: becomes `{ ok: false, error: code, …extra }` with HTTP 200. */
export class ApiError extends Error {
  readonly code: string;
  readonly extra: Record<string, unknown>;

  constructor(code: string, extra: Record<string, unknown> = {}) {
    super(code);
    this.name = 'ApiError';
    this.code = code;
    this.extra = extra;
  }
}

/** With the JSON pointers of what is wrong, where Slack gives them. */
export const badPayload = (code: string, problems: readonly Problem[]): ApiError =>
  new ApiError(code, { response_metadata: { messages: problems.map(problemText) } });

export const badArgument = (message: string, pointer = ''): ApiError => badPayload('invalid_arguments', [{ pointer, message }]);
