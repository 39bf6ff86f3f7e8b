import type { RawControllerRevision } from '../raw.ts';
import { conditionsOf, rollingUpdateOf, templateRevision, workloadBase } from './common.ts';
import { type Kind, selectorOf } from './kind.ts';

export const daemonSet: Kind = {
  kind: 'DaemonSet',
  api: { group: 'apps', version: 'v1', plural: 'daemonsets' },
  templatePath: ['spec', 'template'],
  history: 'apps/v1 controllerrevisions',
  selector: selectorOf,
  podsBelongToRevisions: false,

  read(raw) {
    const { spec, status } = raw;
    return {
      ...workloadBase(this, raw),
      replicas: status?.desiredNumberScheduled ?? 0,
      strategy: spec?.updateStrategy?.type === 'OnDelete' ? { type: 'OnDelete' } : rollingUpdateOf(spec?.updateStrategy),
      status: {
        replicas: status?.currentNumberScheduled ?? 0,
        updated: status?.updatedNumberScheduled ?? 0,
        ready: status?.numberReady ?? 0,
        available: status?.numberAvailable ?? 0,
        conditions: conditionsOf(status?.conditions),
      },
    };
  },

  // Here the pods' label holds only the hash, and so does the ControllerRevision's.
  revision(raw) {
    const one = raw as RawControllerRevision;
    const hash = one.metadata.labels?.['controller-revision-hash'] ?? '';
    return templateRevision(one.metadata, one.revision ?? 0, hash, one.data?.spec?.template, undefined);
  },

  planned: (raw) => ({ template: raw.spec?.template, strategy: raw.spec?.updateStrategy }),
};
