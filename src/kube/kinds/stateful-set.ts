import type { RawControllerRevision } from '../raw.ts';
import { conditionsOf, rollingUpdateOf, templateRevision, workloadBase } from './common.ts';
import { type Kind, selectorOf } from './kind.ts';

export const statefulSet: Kind = {
  kind: 'StatefulSet',
  api: { group: 'apps', version: 'v1', plural: 'statefulsets' },
  templatePath: ['spec', 'template'],
  history: 'apps/v1 controllerrevisions',
  selector: selectorOf,
  podsBelongToRevisions: false,

  read(raw) {
    const { spec, status } = raw;
    return {
      ...workloadBase(this, raw),
      replicas: spec?.replicas ?? 1,
      strategy: spec?.updateStrategy?.type === 'OnDelete' ? { type: 'OnDelete' } : rollingUpdateOf(spec?.updateStrategy),
      podManagement: spec?.podManagementPolicy === 'Parallel' ? 'Parallel' : 'OrderedReady',
      status: {
        replicas: status?.replicas ?? 0,
        updated: status?.updatedReplicas ?? 0,
        ready: status?.readyReplicas ?? 0,
        available: status?.availableReplicas ?? 0,
        ...(status?.currentRevision === undefined ? {} : { currentRevision: status.currentRevision }),
        ...(status?.updateRevision === undefined ? {} : { updateRevision: status.updateRevision }),
        conditions: conditionsOf(status?.conditions),
      },
    };
  },

  // The pods' label `controller-revision-hash` holds the whole name of the ControllerRevision.
  revision(raw) {
    const one = raw as RawControllerRevision;
    return templateRevision(one.metadata, one.revision ?? 0, one.metadata.name, one.data?.spec?.template, undefined);
  },

  planned: (raw) => ({
    template: raw.spec?.template,
    strategy: raw.spec?.updateStrategy,
    podManagement: raw.spec?.podManagementPolicy,
  }),
};
