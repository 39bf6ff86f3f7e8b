import { conditionsOf, workloadBase } from './common.ts';
import { type Kind, selectorOf } from './kind.ts';

/** One that no Deployment owns. It keeps the number of its pods and never replaces one because of its template: that is as good as OnDelete. */
export const replicaSet: Kind = {
  kind: 'ReplicaSet',
  api: { group: 'apps', version: 'v1', plural: 'replicasets' },
  templatePath: ['spec', 'template'],
  history: undefined,
  last: true,
  selector: selectorOf,
  podsBelongToRevisions: false,

  read(raw) {
    const { spec, status } = raw;
    return {
      ...workloadBase(this, raw),
      replicas: spec?.replicas ?? 1,
      strategy: { type: 'OnDelete' },
      status: {
        replicas: status?.replicas ?? 0,
        // It has no revisions: every pod counts, old or new.
        updated: status?.replicas ?? 0,
        ready: status?.readyReplicas ?? 0,
        available: status?.availableReplicas ?? 0,
        conditions: conditionsOf(status?.conditions),
      },
    };
  },

  revision() {
    throw new Error('a ReplicaSet keeps no former templates');
  },

  planned: (raw) => ({ template: raw.spec?.template }),
};
