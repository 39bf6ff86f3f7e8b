import type { PatchTemplate, RestartAt } from '../domain/plan.ts';
import { STAMP } from '../domain/workload.ts';
import { type Kind, nest, templateOf } from './kinds/kind.ts';
import type { RawContainer, RawWorkload } from './raw.ts';

/** Custom resources take no strategic merge patch, and a merge patch replaces a list as a whole: such a write needs the object as it is. */
export const needsWholeLists = (kind: Kind, write: PatchTemplate | RestartAt): boolean =>
  kind.mergeOnly === true && write.action === 'patch-template' && write.images.length + write.pullPolicies.length > 0;

/**
 * A JSON merge patch (RFC 7386). With whole lists it is only right for the object that they were read from, and the resourceVersion in it is what
 * makes the API server refuse it for any other.
 */
export function mergePatchOf(
  kind: Kind,
  write: PatchTemplate | RestartAt,
  request: string,
  resourceVersion: string,
  current: RawWorkload | undefined,
): Record<string, unknown> {
  const metadata = { uid: write.uid, resourceVersion };
  const annotations = { ...write.annotations, [STAMP]: request };
  // On the object: what the template says is not changed by a restart.
  if (write.action === 'restart-at') return { metadata: { ...metadata, annotations }, spec: { restartAt: write.at } };
  const lists = current === undefined ? {} : changedLists(kind, write, current);
  const template = { metadata: { annotations }, ...(Object.keys(lists).length === 0 ? {} : { spec: lists }) };
  return { metadata, ...nest(kind.templatePath, template) };
}

function changedLists(
  kind: Kind,
  write: PatchTemplate,
  current: RawWorkload,
): { containers?: RawContainer[]; initContainers?: RawContainer[] } {
  const spec = templateOf(kind, current).spec;
  const roles = new Set(
    [...write.images, ...write.pullPolicies].map(({ role }) => (role === 'container' ? 'containers' : 'initContainers')),
  );
  return {
    ...(roles.has('containers') ? { containers: (spec?.containers ?? []).map((one) => changed(one, write)) } : {}),
    ...(roles.has('initContainers') ? { initContainers: (spec?.initContainers ?? []).map((one) => changed(one, write)) } : {}),
  };
}

function changed(container: RawContainer, write: PatchTemplate): RawContainer {
  const image = write.images.find((one) => one.container === container.name)?.image;
  const imagePullPolicy = write.pullPolicies.find((one) => one.container === container.name)?.pullPolicy;
  return { ...container, ...(image === undefined ? {} : { image }), ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }) };
}
