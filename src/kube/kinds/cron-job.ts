import { CronExpressionParser } from 'cron-parser';
import type { Schedule } from '../../domain/workload.ts';
import type { RawJob, RawWorkload } from '../raw.ts';
import { templateRevision, timeOf, workloadBase } from './common.ts';
import type { Kind } from './kind.ts';

/** Its history is its Jobs: each is made from the template as it was then, and owns the pods of one run. */
export const cronJob: Kind = {
  kind: 'CronJob',
  api: { group: 'batch', version: 'v1', plural: 'cronjobs' },
  templatePath: ['spec', 'jobTemplate', 'spec', 'template'],
  history: 'batch/v1 jobs',
  optional: true,
  selector: () => 'batch.kubernetes.io/job-name',
  podsBelongToRevisions: true,

  read(raw, at) {
    const base = workloadBase(this, raw);
    return {
      ...base,
      // Nothing observes its generation: the next run simply reads the template.
      observedGeneration: base.generation,
      replicas: 0,
      strategy: { type: 'NextRun' },
      schedule: scheduleOf(raw, at),
      status: { replicas: 0, updated: 0, ready: 0, available: 0, conditions: [] },
    };
  },

  revision(raw) {
    const job = raw as RawJob;
    return templateRevision(
      job.metadata,
      timeOf(job.metadata.creationTimestamp) ?? 0,
      job.metadata.uid,
      job.spec?.template,
      job.status?.conditions,
    );
  },

  planned: (raw) => ({ template: raw.spec?.jobTemplate, suspend: raw.spec?.suspend ?? false }),
};

/** `at`: the API server's clock, milliseconds. The controller reads a schedule without a zone in its own, which is UTC nearly everywhere. */
function scheduleOf(raw: RawWorkload, at: number | undefined): Schedule {
  const { schedule: cron = '', timeZone, suspend } = raw.spec ?? {};
  const nextAt = at === undefined ? undefined : nextOf(cron, timeZone ?? 'UTC', at);
  return {
    cron,
    ...(timeZone === undefined ? {} : { timeZone }),
    suspended: suspend ?? false,
    ...(nextAt === undefined ? {} : { nextAt }),
  };
}

/** Undefined for what only Kubernetes' own parser knows (`@every 1h`, which counts from the last run). */
function nextOf(cron: string, tz: string, at: number): number | undefined {
  try {
    return CronExpressionParser.parse(cron, { currentDate: new Date(at), tz })
      .next()
      .getTime();
  } catch {
    return undefined;
  }
}
