import type { Owner } from '../domain/workload.ts';
import type { RawAutoscaler, RawMeta, RawPod } from './raw.ts';

type Sign = {
  by: Owner['by'];
  on: 'label' | 'annotation';
  key: string;
  value?: RegExp;
  name?: (value: string) => string;
  /** False: the mark was copied from another object, and its tool does not look at this one. */
  isOwn?: (value: string, metadata: RawMeta) => boolean;
};

/** Marks that the tools leave on what they apply. The name is the application, release or object as far as the mark tells it. */
const SIGNS: readonly Sign[] = [
  // `app:group/kind:namespace/name`; operators copy it from what they were made from, and Argo CD passes over it there.
  {
    by: 'argo-cd',
    on: 'annotation',
    key: 'argocd.argoproj.io/tracking-id',
    name: (value) => value.split(':')[0] ?? value,
    isOwn: (value, { namespace, name }) => value.split(':').length < 3 || value.endsWith(`:${namespace}/${name}`),
  },
  { by: 'argo-cd', on: 'label', key: 'argocd.argoproj.io/instance' },
  { by: 'flux', on: 'label', key: 'kustomize.toolkit.fluxcd.io/name' },
  { by: 'flux', on: 'label', key: 'helm.toolkit.fluxcd.io/name' },
  { by: 'helm', on: 'annotation', key: 'meta.helm.sh/release-name' },
  { by: 'helm', on: 'label', key: 'app.kubernetes.io/managed-by', value: /^Helm$/, name: () => '' },
  {
    by: 'kruise',
    on: 'annotation',
    key: 'rollouts.kruise.io/in-progressing',
    name: (value) => /"rolloutName":"([^"]+)"/.exec(value)?.[1] ?? '',
  },
  { by: 'kruise', on: 'label', key: 'rollouts.kruise.io/workload-type', name: () => '' },
];

/** Flux leaves an object alone that says so, whatever its labels and field managers tell of former times. */
const FLUX = 'kustomize.toolkit.fluxcd.io/';
const leftAloneByFlux = ({ labels, annotations }: RawMeta): boolean =>
  [labels, annotations].some(
    (marks) => marks?.[`${FLUX}reconcile`] === 'disabled' || /^(?:Ignore|IfNotPresent)$/i.test(marks?.[`${FLUX}ssa`] ?? ''),
  );

const MANAGERS: readonly { by: Owner['by']; manager: RegExp }[] = [
  { by: 'argo-cd', manager: /^argocd-/ },
  { by: 'flux', manager: /^(?:kustomize|helm)-controller$/ },
  { by: 'helm', manager: /^helm$/i },
];

/** The pod annotation that VPA's admission leaves: "Pod resources updated by NAME: …". */
const VPA = /updated by ([^:\s]+)/;

/** Who else writes this workload, one entry per tool, each with where it was seen. */
export function ownersOf(metadata: RawMeta, pods: RawPod[], autoscaler: RawAutoscaler | undefined): Owner[] {
  const found: Owner[] = [];
  const add = (owner: Owner) => {
    if (owner.by === 'flux' && leftAloneByFlux(metadata)) return;
    if (!found.some(({ by }) => by === owner.by)) found.push(owner);
  };
  for (const sign of SIGNS) {
    const value = (sign.on === 'label' ? metadata.labels : metadata.annotations)?.[sign.key];
    if (value === undefined || (sign.value !== undefined && !sign.value.test(value))) continue;
    if (sign.isOwn !== undefined && !sign.isOwn(value, metadata)) continue;
    add(named(sign.by, sign.name === undefined ? value : sign.name(value), `${sign.on} ${sign.key}`));
  }
  for (const { manager = '', subresource = '' } of metadata.managedFields ?? []) {
    const known = subresource === '' ? MANAGERS.find((one) => one.manager.test(manager)) : undefined;
    if (known !== undefined) add({ by: known.by, evidence: `field manager ${manager}` });
  }
  for (const owner of metadata.ownerReferences ?? []) {
    if (owner.controller !== true) continue;
    const by =
      owner.apiVersion.split('/')[0]?.endsWith('.kruise.io') === true ? 'kruise' : isBuiltIn(owner.apiVersion) ? 'controller' : 'operator';
    add({ by, name: `${owner.kind}/${owner.name}`, evidence: `controller owner reference ${owner.apiVersion} ${owner.kind}` });
  }
  if (autoscaler !== undefined) {
    add({ by: 'hpa', name: autoscaler.metadata.name, evidence: `HorizontalPodAutoscaler ${autoscaler.metadata.name} scales it` });
  }
  const vpa = pods.map(({ metadata: pod }) => pod.annotations?.['vpaUpdates']).find((text) => text !== undefined);
  if (vpa !== undefined) add(named('vpa', VPA.exec(vpa)?.[1] ?? '', 'pod annotation vpaUpdates'));
  return found;
}

const named = (by: Owner['by'], name: string, evidence: string): Owner => ({ by, ...(name === '' ? {} : { name }), evidence });

const isBuiltIn = (apiVersion: string): boolean => apiVersion === 'v1' || /^(?:apps|batch)\//.test(apiVersion);
