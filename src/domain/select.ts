import type { Failure } from './failure.ts';
import type { Ask } from './request.ts';
import type { ContainerSpec, Snapshot, WorkloadView } from './workload.ts';

export type Selected<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export function concernedContainers(_ask: Ask, _view: WorkloadView): Selected<ContainerSpec[]> {
  throw new Error('signature only');
}

/** The image text as it will be written, and as the registry is to be asked for it. */
export function targetImage(_ask: Ask, _spec: ContainerSpec): string {
  throw new Error('signature only');
}

export function imagesToResolve(_ask: Ask, _snapshot: Snapshot): string[] {
  throw new Error('signature only');
}
