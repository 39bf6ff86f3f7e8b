import type { Failure } from './failure.ts';
import { withDigest, sameRepository, withoutDigest, withTag } from './image-text.ts';
import { parseImage } from './image.ts';
import type { Ask } from './request.ts';
import { parseWorkloadName } from './workload-name.ts';
import type { ContainerSpec, Snapshot, Workload, WorkloadRef, WorkloadView } from './workload.ts';

export type Selected<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** The app's workloads that the request is about: all of them, the one named by `--workload`, or the one that owns the pod of `--pod`. */
export function concernedWorkloads(ask: Ask, snapshot: Snapshot): Selected<WorkloadView[]> {
  const named = ask.workload === undefined ? snapshot.workloads : snapshot.workloads.filter((view) => isNamed(ask.workload, view.workload));
  if (named.length === 0) {
    const known = snapshot.workloads.map((view) => shortName(view.workload)).join(', ');
    return {
      ok: false,
      failure: {
        code: 'unknown-workload',
        subject: ask.workload ?? ask.app,
        ...(known === '' ? {} : { remedy: `workloads of ${ask.app}: ${known}` }),
      },
    };
  }
  if (ask.pod === undefined) return { ok: true, value: named };
  const owner = named.filter((view) => view.pods.some((pod) => pod.name === ask.pod && !pod.deleting));
  if (owner.length > 0) return { ok: true, value: owner };
  const pods = named.flatMap((view) => view.pods.filter((pod) => !pod.deleting).map((pod) => pod.name));
  return {
    ok: false,
    failure: { code: 'unknown-pod', subject: ask.pod, remedy: pods.length === 0 ? 'it runs no pods' : `its pods: ${listed(pods)}` },
  };
}

/**
 * The containers of one workload that the words of the request mean; empty where they mean none of this workload's.
 * Fails where a container, a tag or an image cannot be placed without a guess.
 */
export function concernedContainers(ask: Ask, view: WorkloadView): Selected<ContainerSpec[]> {
  const { workload } = view;
  if (ask.workload !== undefined && !isNamed(ask.workload, workload)) return { ok: true, value: [] };
  const all = workload.containers;
  if (ask.container !== undefined) {
    const found = all.filter((spec) => spec.name === ask.container);
    if (found.length > 0) return { ok: true, value: found };
    return {
      ok: false,
      failure: {
        code: 'unknown-container',
        subject: ask.container,
        remedy: `containers of ${shortName(workload)}: ${all.map((spec) => spec.name).join(', ')}`,
      },
    };
  }
  if (ask.image !== undefined) return ofImage(ask.image, workload);
  if (ask.tag !== undefined) return ofTag(ask.tag, workload);
  return { ok: true, value: all };
}

/** `--image` replaces the image of the same repository; a move to another repository is understood only where one container can be meant. */
function ofImage(image: string, workload: Workload): Selected<ContainerSpec[]> {
  if (parseImage(image) === undefined) return { ok: false, failure: { code: 'invalid-image', subject: image } };
  const same = workload.containers.filter((spec) => sameRepository(spec.image, image));
  if (same.length > 0) return { ok: true, value: same };
  if (workload.containers.length === 1) return { ok: true, value: workload.containers };
  return { ok: false, failure: whichContainer(`--image ${image}`, workload) };
}

/** `--tag` is clear where all containers come from one repository (an init container often does); a mesh proxy beside the app makes it unclear. */
function ofTag(tag: string, workload: Workload): Selected<ContainerSpec[]> {
  const [first, ...others] = workload.containers;
  if (first === undefined || others.every((spec) => sameRepository(spec.image, first.image))) {
    return { ok: true, value: workload.containers };
  }
  return { ok: false, failure: whichContainer(`--tag ${tag}`, workload) };
}

function whichContainer(option: string, workload: Workload): Failure {
  const images = workload.containers.map((spec) => `${spec.name} (${spec.image})`).join(', ');
  return {
    code: 'bad-usage',
    subject: option,
    evidence: `${shortName(workload)} runs several images: ${images}`,
    remedy: 'say which one with --container',
  };
}

/** The image text that would be written where the request changes the image; the template's own where it does not. */
export function targetImage(ask: Ask, spec: ContainerSpec): string {
  if (ask.image !== undefined) return ask.image;
  return ask.tag === undefined ? spec.image : withTag(spec.image, ask.tag);
}

/**
 * The text under which the registry is asked about a container that the request concerns. A pin follows the tag, so that one that
 * stands already can be moved; everything else asks for exactly what will run.
 */
export function questionFor(ask: Ask, spec: ContainerSpec): string {
  const target = targetImage(ask, spec);
  return ask.via === 'pin' ? (withoutDigest(target) ?? target) : target;
}

/** Image texts whose registry answers the planner needs: of the concerned containers, and of the neighbours that restart with them. */
export function imagesToResolve(ask: Ask, snapshot: Snapshot): string[] {
  const views = concernedWorkloads(ask, snapshot);
  if (!views.ok) return [];
  const images = views.value.flatMap((view) => {
    const concerned = concernedContainers(ask, view);
    const names = new Set(concerned.ok ? concerned.value.map((spec) => spec.name) : []);
    return view.workload.containers.map((spec) => (names.has(spec.name) ? questionFor(ask, spec) : spec.image));
  });
  return [...new Set(images)].filter((image) => parseImage(image) !== undefined);
}

/** What a pin writes: the tag as it stands, and the digest that the registry gave for it. */
export const pinnedImage = (ask: Ask, spec: ContainerSpec, digest: string): string => withDigest(targetImage(ask, spec), digest);

/** `deployment/my-app`, as after `--workload`. */
export const shortName = (ref: WorkloadRef): string => `${ref.kind.toLowerCase()}/${ref.name}`;

function isNamed(text: string | undefined, ref: WorkloadRef): boolean {
  const named = text === undefined ? undefined : parseWorkloadName(text);
  return named !== undefined && 'kind' in named && named.kind === ref.kind && named.name === ref.name;
}

const SHOWN = 20;
const listed = (names: readonly string[]): string =>
  names.length <= SHOWN ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
