import type { UpdateStrategy } from '../../domain/workload.ts';
import type { RawReplicaSet, RawWorkload } from '../raw.ts';
import { conditionsOf, rollingUpdateOf, templateRevision, workloadBase } from './common.ts';
import { type Kind, selectorOf } from './kind.ts';

const REVISION = 'deployment.kubernetes.io/revision';

export const deployment: Kind = {
  kind: 'Deployment',
  api: { group: 'apps', version: 'v1', plural: 'deployments' },
  templatePath: ['spec', 'template'],
  history: 'apps/v1 replicasets',
  selector: selectorOf,
  podsBelongToRevisions: true,

  read(raw) {
    const { spec, status } = raw;
    return {
      ...workloadBase(this, raw),
      replicas: spec?.replicas ?? 1,
      strategy: strategyOf(raw),
      // The API server writes 600 where the manifest says nothing; absent means none is kept.
      ...(spec?.progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds: spec.progressDeadlineSeconds }),
      status: {
        replicas: status?.replicas ?? 0,
        updated: status?.updatedReplicas ?? 0,
        ready: status?.readyReplicas ?? 0,
        available: status?.availableReplicas ?? 0,
        conditions: conditionsOf(status?.conditions),
      },
    };
  },

  revision(raw) {
    const set = raw as RawReplicaSet;
    const number = Number(set.metadata.annotations?.[REVISION] ?? 0);
    const hash = set.metadata.labels?.['pod-template-hash'] ?? '';
    return templateRevision(set.metadata, number, hash, set.spec?.template, set.status?.conditions);
  },

  planned: (raw) => ({ template: raw.spec?.template, strategy: raw.spec?.strategy, paused: raw.spec?.paused ?? false }),
};

function strategyOf(raw: RawWorkload): UpdateStrategy {
  const strategy = raw.spec?.strategy;
  return strategy?.type === 'Recreate' ? { type: 'Recreate' } : rollingUpdateOf(strategy);
}
