import type { Failure } from '../domain/failure.ts';
import { workloadKey } from '../domain/workload.ts';
import type { KubeApi } from './client.ts';
import { deployment } from './kinds/deployment.ts';
import { type Kind, pathOf } from './kinds/kind.ts';
import type { RawRollout } from './kinds/rollout.ts';
import type { RawWorkload } from './raw.ts';

export interface Referenced {
  /** The object as it is read from now on: with the template, the selector and the writers of what it refers to. */
  raw: RawWorkload;
  /** What it refers to, as it was read. */
  from?: RawWorkload;
  /** It refers to something whose template repull does not know how to change, so its containers cannot be told. */
  problem?: Failure;
}

/**
 * A Rollout may take its template from a Deployment (`workloadRef`). Throws StatusError, with the Deployment named by `about`, where that cannot be
 * read.
 */
export async function withReferencedTemplate(
  api: KubeApi,
  kind: Kind,
  raw: RawWorkload,
  about: (subject: string) => void = () => undefined,
): Promise<Referenced> {
  const ref = kind.kind === 'Rollout' ? (raw as unknown as RawRollout).spec?.workloadRef : undefined;
  if (ref?.name === undefined) return { raw };
  const { name } = raw.metadata;
  const namespace = raw.metadata.namespace ?? '';
  if (ref.kind !== 'Deployment') {
    const evidence = `its template lies in ${ref.kind ?? 'an object'} ${ref.name} (workloadRef), and repull reads only that of a Deployment`;
    const remedy = `restart its pods by hand: kubectl argo rollouts restart ${name} -n ${namespace}`;
    return { raw, problem: { code: 'unsupported-kind', subject: `rollout/${name}`, evidence, remedy } };
  }
  const { body: from } = await api
    .json<RawWorkload>({ method: 'GET', path: pathOf(deployment, namespace, ref.name) })
    .catch((error: unknown) => {
      about(workloadKey({ kind: 'Deployment', namespace, name: ref.name ?? '' }));
      throw error;
    });
  const selector = raw.spec?.selector ?? from.spec?.selector;
  const resolved = {
    ...raw,
    resolved: from,
    metadata: { ...raw.metadata, ...(from.metadata.managedFields === undefined ? {} : { managedFields: from.metadata.managedFields }) },
    spec: {
      ...raw.spec,
      ...(from.spec?.template === undefined ? {} : { template: from.spec.template }),
      ...(selector === undefined ? {} : { selector }),
    },
  };
  return { raw: resolved, from };
}
