import type { NewRequest } from '../../src/app/ports.ts';
import { newId } from '../../src/app/new-id.ts';
import type { Ask } from '../../src/domain/request.ts';

let made = 0;
/** In a second of a test more requests are made than chance keeps apart, so the last letters count. */
const anId = (): string => newId(Date.now(), () => ((made++ * 7_919) % 2 ** 20) / 2 ** 20);

export const anAsk = (ask: Partial<Ask> = {}): Ask => ({
  kind: 'repull',
  app: 'my-app',
  environment: 'prod',
  cluster: 'prod-eu',
  namespaces: ['shop'],
  workloads: ['deployment/my-app'],
  via: 'auto',
  force: false,
  forceDelete: false,
  dryRun: false,
  ...ask,
});

/** A request as intake makes it: allowed, and waiting for its plan. */
export const aRequest = (request: Partial<NewRequest> = {}, ask: Partial<Ask> = {}): NewRequest => ({
  id: anId(),
  ask: anAsk(ask),
  requester: 'U0DEVELOPER',
  team: 'T0TEAM',
  channel: 'C0DEPLOYS1',
  decision: { verdict: 'ask', rule: 'bindings[0]', votes: 1, self: false, expiresMs: 1_800_000 },
  state: { status: 'planning' },
  ...request,
});
