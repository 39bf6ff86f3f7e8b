import type { Failure } from './failure.ts';
import { shortName } from './select.ts';
import type { WorkloadRef } from './workload.ts';

/** Something under this name whose pods nobody brings back, or that belongs to something else: why not, and the way out. */
export function unsupported(ref: WorkloadRef, owner?: { kind: string; name: string }): Failure {
  return { code: 'unsupported-kind', subject: shortName(ref), ...reasons(ref, owner) };
}

function reasons(
  { kind, namespace, name }: WorkloadRef,
  owner: { kind: string; name: string } | undefined,
): Pick<Failure, 'evidence' | 'remedy'> {
  if (kind === 'Pod' && owner?.kind === 'Node')
    return {
      evidence: `a mirror pod: the kubelet of ${owner.name} runs it from a file on its node`,
      remedy: `change the manifest file on ${owner.name}`,
    };
  if (owner !== undefined) {
    const whose = `${owner.kind.toLowerCase()}/${owner.name}`;
    const one = kind === 'Pod' ? `; this one alone: --workload ${whose} --pod ${name}` : '';
    return { evidence: `it belongs to ${whose}, which makes it anew`, remedy: `ask for its owner: --workload ${whose}${one}` };
  }
  switch (kind) {
    case 'Job':
      return {
        evidence: 'the template of a Job cannot be changed, and a Job that is done makes no more pods',
        remedy: `create it again: kubectl -n ${namespace} get job ${name} -o json | kubectl replace --force -f -`,
      };
    case 'Pod':
      return {
        evidence: 'no controller would bring this pod back',
        remedy: `create it again by hand (kubectl -n ${namespace} get pod ${name} -o json | kubectl replace --force -f -), or run it as a Deployment`,
      };
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'ReplicaSet':
    case 'CronJob':
    case 'Rollout':
      return { remedy: 'ask again' };
  }
}
