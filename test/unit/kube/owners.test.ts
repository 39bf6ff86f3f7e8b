import { describe, expect, it } from 'vitest';
import { ownersOf } from '../../../src/kube/owners.ts';
import type { RawMeta } from '../../../src/kube/raw.ts';
import { recordedView } from './recorded.ts';

const meta = (rest: Partial<RawMeta>): RawMeta => ({ name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '1', ...rest });
const owner = (apiVersion: string, kind: string, controller = true) => ({ apiVersion, kind, name: 'boss', uid: 'o', controller });

describe('who else writes a workload', () => {
  it.each([
    ['Argo CD by tracking id', { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web' } }, 'argo-cd', 'shop'],
    ['Argo CD by its label', { labels: { 'argocd.argoproj.io/instance': 'shop' } }, 'argo-cd', 'shop'],
    ['Argo CD by field manager', { managedFields: [{ manager: 'argocd-controller' }] }, 'argo-cd', undefined],
    ['Flux by Kustomization', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }, 'flux', 'apps'],
    ['Flux by HelmRelease', { labels: { 'helm.toolkit.fluxcd.io/name': 'shop' } }, 'flux', 'shop'],
    ['Flux by field manager', { managedFields: [{ manager: 'kustomize-controller' }] }, 'flux', undefined],
    ['Helm by release', { annotations: { 'meta.helm.sh/release-name': 'shop' } }, 'helm', 'shop'],
    ['Helm by its label', { labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, 'helm', undefined],
    ['Kruise Rollouts, in the middle', { annotations: { 'rollouts.kruise.io/in-progressing': '{"rolloutName":"web"}' } }, 'kruise', 'web'],
    ['Kruise Rollouts', { labels: { 'rollouts.kruise.io/workload-type': 'deployment' } }, 'kruise', undefined],
    ['an operator', { ownerReferences: [owner('acid.zalan.do/v1', 'postgresql')] }, 'operator', 'postgresql/boss'],
    ['Kruise', { ownerReferences: [owner('apps.kruise.io/v1alpha1', 'SidecarSet')] }, 'kruise', 'SidecarSet/boss'],
    ['a controller of Kubernetes itself', { ownerReferences: [owner('apps/v1', 'Deployment')] }, 'controller', 'Deployment/boss'],
  ])('%s', (_how, given, by, name) => {
    const [found, ...others] = ownersOf(meta(given as Partial<RawMeta>), [], undefined);
    expect(found).toMatchObject({ by, ...(name === undefined ? {} : { name }) });
    expect(found?.name).toBe(name);
    expect(found?.evidence).not.toBe('');
    expect(others).toEqual([]);
  });

  it.each([
    ['an owner that does not control it', { ownerReferences: [owner('acid.zalan.do/v1', 'postgresql', false)] }],
    ['another value of managed-by', { labels: { 'app.kubernetes.io/managed-by': 'kubectl' } }],
    ['a manager of the status only', { managedFields: [{ manager: 'argocd-controller', subresource: 'status' }] }],
    [
      'a tracking id that an operator copied from its own object',
      { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:acid.zalan.do/postgresql:shop/db' } },
    ],
    [
      'an object that Flux was told to leave alone',
      {
        labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' },
        annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' },
        managedFields: [{ manager: 'kustomize-controller' }],
      },
    ],
    [
      'an object that Flux only creates',
      { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' }, annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' } },
    ],
    ['people with kubectl', { managedFields: [{ manager: 'kubectl-client-side-apply' }] }],
  ])('nobody, for %s', (_how, given) => {
    expect(ownersOf(meta(given as Partial<RawMeta>), [], undefined)).toEqual([]);
  });

  it('the vertical autoscaler, by what it left on a pod', () => {
    const pod = { metadata: meta({ annotations: { vpaUpdates: 'Pod resources updated by web-vpa: container 0: cpu request' } }) };
    expect(ownersOf(meta({}), [pod], undefined)).toEqual([{ by: 'vpa', name: 'web-vpa', evidence: 'pod annotation vpaUpdates' }]);
  });

  it('each once, however many marks it left; seen on a recorded Helm release under an autoscaler', () => {
    expect(recordedView('Deployment').workload.owners).toEqual([
      { by: 'helm', name: 'shop', evidence: 'annotation meta.helm.sh/release-name' },
      { by: 'hpa', name: 'web', evidence: 'HorizontalPodAutoscaler web scales it' },
    ]);
  });
});
