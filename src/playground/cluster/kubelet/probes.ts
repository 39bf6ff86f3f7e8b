import type { Clock } from '../clock.ts';
import type { ExecProbe } from '../objects.ts';
import { isAppReady } from './container-lifecycle.ts';
import type { ContainerRecord } from './container-lifecycle.ts';

export type ProbeKind = 'Startup' | 'Readiness' | 'Liveness';

export interface ProbeHooks {
  changed(): void;
  failed(kind: ProbeKind): void;
  /** A startup or liveness probe failed as often as it may. */
  kill(kind: ProbeKind): void;
}

/**
 * Runs the probes of a container for as long as its process lives. Every probe, whatever its kind, asks the same: would `/app ready` succeed?
 * Until the startup probe has succeeded the others are not asked; without a readiness probe a started container is ready.
 */
export function startProbing(record: ContainerRecord, clock: Clock, hooks: ProbeHooks): void {
  const { startupProbe, readinessProbe, livenessProbe } = record.spec;
  const begin = (): void => {
    record.started = true;
    if (readinessProbe === undefined) record.ready = true;
    else followReadiness(record, clock, readinessProbe, hooks);
    if (livenessProbe !== undefined) killWhenDead(record, clock, livenessProbe, 'Liveness', hooks);
  };
  if (startupProbe === undefined) return begin();
  killWhenDead(record, clock, startupProbe, 'Startup', hooks, () => {
    begin();
    hooks.changed();
  });
}

function followReadiness(record: ContainerRecord, clock: Clock, probe: ExecProbe, hooks: ProbeHooks): void {
  let failures = 0;
  repeat(record, clock, probe, (succeeds) => {
    failures = succeeds ? 0 : failures + 1;
    if (!succeeds) hooks.failed('Readiness');
    const ready = succeeds || (record.ready && failures < (probe.failureThreshold ?? 3));
    if (ready !== record.ready) {
      record.ready = ready;
      hooks.changed();
    }
    return true;
  });
}

/** `succeeded`: asked no more after its first success, as a startup probe is. */
function killWhenDead(
  record: ContainerRecord,
  clock: Clock,
  probe: ExecProbe,
  kind: ProbeKind,
  hooks: ProbeHooks,
  succeeded?: () => void,
): void {
  let failures = 0;
  repeat(record, clock, probe, (succeeds) => {
    failures = succeeds ? 0 : failures + 1;
    if (succeeds) succeeded?.();
    else hooks.failed(kind);
    if (failures >= (probe.failureThreshold ?? 3)) hooks.kill(kind);
    return !(succeeds && succeeded !== undefined) && failures < (probe.failureThreshold ?? 3);
  });
}

/** Asks again after each period until the answer is taken as the last one, or the process ends. */
function repeat(record: ContainerRecord, clock: Clock, probe: ExecProbe, take: (succeeds: boolean) => boolean): void {
  const check = (): void => {
    if (take(isAppReady(record, clock.since(record.startedAt)))) callOff = clock.after((probe.periodSeconds ?? 10) * 1000, check);
  };
  const left = (probe.initialDelaySeconds ?? 0) * 1000 - clock.since(record.startedAt);
  let callOff = clock.after(Math.max(0, left) + 20, check);
  record.cancel.push(() => callOff());
}
