import type { Seen } from '../app/ports.ts';
import { type Workload, type WorkloadRef, workloadKey } from '../domain/workload.ts';
import type { KubeApi } from './client.ts';
import { failureOf, StatusError } from './errors.ts';
import { kindOf } from './kinds/all.ts';
import { pathOf } from './kinds/kind.ts';
import type { RawWorkload } from './raw.ts';
import { withReferencedTemplate } from './referenced-template.ts';

/** The object alone: one small read, however many pods it has. What others around it own is not known from it. */
export async function readWorkload(api: KubeApi, ref: WorkloadRef): Promise<Seen<Workload>> {
  const subject = workloadKey(ref);
  const kind = kindOf(ref.kind);
  if (kind === undefined) return { ok: false, failure: { code: 'unsupported-kind', subject } };
  try {
    const { body } = await api.json<RawWorkload>({ method: 'GET', path: pathOf(kind, ref.namespace, ref.name) });
    const { raw, problem } = await withReferencedTemplate(api, kind, body);
    if (problem !== undefined) return { ok: false, failure: problem };
    return { ok: true, value: kind.read(raw) };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { ok: false, failure: failureOf(error, subject) };
  }
}
