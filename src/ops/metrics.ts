import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Every number this process shows on `/metrics`; names are part of the interface (docs/operations.md). */
export function createMetrics(role: string) {
  const registry = new Registry();
  registry.setDefaultLabels({ role });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    /** Jobs handled, by queue and outcome (`done`, `again`, `away`, `bug`). */
    jobs: new Counter({ name: 'repull_jobs_total', help: 'Queue entries handled', labelNames: ['queue', 'outcome'], registers }),
    jobSeconds: new Histogram({
      name: 'repull_job_seconds',
      help: 'Time one queue entry took',
      labelNames: ['queue', 'job'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    transitions: new Counter({
      name: 'repull_transitions_total',
      help: 'Requests that entered a state',
      labelNames: ['status'],
      registers,
    }),
    openRequests: new Gauge({ name: 'repull_open_requests', help: 'Requests that have not ended', labelNames: ['status'], registers }),
    dirtyAge: new Gauge({ name: 'repull_unshown_seconds', help: 'Age of the oldest change that Slack has not been shown', registers }),
    exactlyOnce: new Gauge({
      name: 'repull_slack_exactly_once',
      help: '1 if history scopes let repull find a card whose posting was answered by a lost reply',
      registers,
    }),
    slackCalls: new Counter({
      name: 'repull_slack_calls_total',
      help: 'Slack Web API calls',
      labelNames: ['method', 'outcome'],
      registers,
    }),
    policyBroken: new Gauge({
      name: 'repull_policy_broken',
      help: '1 while the policy file cannot be used and the one before it is in force',
      registers,
    }),
    ready: new Gauge({ name: 'repull_ready', help: '1 while /readyz answers 200', registers }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
