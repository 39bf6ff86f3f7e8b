import { controllerReference } from '../objects.ts';
import type { Deployment, PodTemplate } from '../objects.ts';
import { DESIRED, MAXIMUM, REVISION, limits } from './deployment-scaling.ts';
import { templateHash } from './pods.ts';

const HASH = 'pod-template-hash';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The ReplicaSet for a Deployment's template as it is now. */
export function newReplicaSet(deployment: Deployment, revision: number, replicas: number): Record<string, unknown> {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(template);
  const labels = { ...template.metadata?.labels, [HASH]: hash };
  const { [LAST_APPLIED]: _applied, ...annotations } = deployment.metadata.annotations ?? {};
  const max = String(deployment.spec.replicas + limits(deployment).surge);
  return {
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      labels,
      annotations: { ...annotations, [DESIRED]: String(deployment.spec.replicas), [MAXIMUM]: max, [REVISION]: String(revision) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
      ...(minReadySeconds ? { minReadySeconds } : {}),
    },
  };
}

/** The template without the label that the controller itself puts in. */
export function bareTemplate(template: PodTemplate): PodTemplate {
  const { [HASH]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
