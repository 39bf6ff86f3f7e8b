import type { WriteResult } from '../app/ports.ts';
import type { RunJob } from '../domain/plan.ts';
import { STAMP, workloadKey } from '../domain/workload.ts';
import type { KubeApi } from './client.ts';
import { failureOf, hasStatus } from './errors.ts';
import { cronJob } from './kinds/cron-job.ts';
import { pathOf } from './kinds/kind.ts';
import type { RawJob, RawMeta, RawWorkload } from './raw.ts';

/**
 * What `kubectl create job --from=cronjob/NAME` does, with a name that is the request's: a second send finds the first one's Job.
 * It belongs to the CronJob, whose history limits clean it up.
 */
export async function runJob(api: KubeApi, write: RunJob, request: string): Promise<WriteResult> {
  const { namespace, name } = write.workload;
  const subject = workloadKey(write.workload);
  const path = `/apis/batch/v1/namespaces/${encodeURIComponent(namespace)}/jobs`;
  try {
    const { body } = await api.json<RawWorkload>({ method: 'GET', path: pathOf(cronJob, namespace, name) });
    if (body.metadata.uid !== write.uid) {
      return { ok: false, failure: { code: 'workload-gone', subject, evidence: 'it was deleted and created again under the same name' } };
    }
    try {
      await api.json({ method: 'POST', path, query: { fieldManager: 'repull' }, body: jobFrom(body, write, request) });
      return { ok: true, already: false };
    } catch (error) {
      if (!hasStatus(error, 409)) throw error;
      const { body: there } = await api.json<RawJob>({ method: 'GET', path: `${path}/${encodeURIComponent(write.job)}` });
      if (there.metadata.annotations?.[STAMP] === request) return { ok: true, already: true };
      return { ok: false, failure: { code: 'conflict', subject, evidence: `another Job is called ${write.job}` } };
    }
  } catch (error) {
    return { ok: false, failure: failureOf(error, subject) };
  }
}

interface JobTemplate {
  metadata?: Pick<RawMeta, 'labels' | 'annotations'>;
  spec?: { template?: { metadata?: { annotations?: Record<string, string> } } };
}

function jobFrom(from: RawWorkload, write: RunJob, request: string): object {
  const template = (from.spec?.jobTemplate ?? {}) as JobTemplate;
  const pod = template.spec?.template;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: write.job,
      namespace: write.workload.namespace,
      labels: template.metadata?.labels ?? {},
      annotations: { ...template.metadata?.annotations, 'cronjob.kubernetes.io/instantiate': 'manual', [STAMP]: request },
      // Without blockOwnerDeletion, which would need a right on the CronJob's finalizers.
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: from.metadata.name, uid: from.metadata.uid, controller: true }],
    },
    spec: {
      ...template.spec,
      template: { ...pod, metadata: { ...pod?.metadata, annotations: { ...pod?.metadata?.annotations, [STAMP]: request } } },
    },
  };
}
