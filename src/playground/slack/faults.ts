/** Which fault strikes which call, and the switches that the socket and the server look at. */
import type { Fault, FaultAction, Faults, SocketFaults } from './fault-types.ts';

export interface FaultTable {
  readonly public: Faults;
  /** The first fault that fits this call, counted down. */
  strike(call: { method: string; args: Record<string, unknown>; token: string | undefined }): FaultAction | undefined;
  isOut(): boolean;
}

const fits = (pattern: string, method: string): boolean =>
  pattern === '*' || pattern === method || (pattern.endsWith('.*') && method.startsWith(pattern.slice(0, -1)));

/** `socket` is the socket server's own set of faults; `onOutage` cuts what is open. */
export function makeFaults(socket: SocketFaults & { clear(): void }, onOutage: () => void): FaultTable {
  let faults: { fault: Fault; left: number }[] = [];
  let out = false;
  return {
    isOut: () => out,
    strike(call) {
      const found = faults.find(({ fault }) => fits(fault.method, call.method) && (fault.when?.(call) ?? true));
      if (found === undefined) return undefined;
      found.left -= 1;
      if (found.left <= 0) faults = faults.filter((entry) => entry !== found);
      return found.fault.do;
    },
    public: {
      socket,
      add(fault) {
        const entry = { fault, left: fault.times ?? 1 };
        if (entry.left <= 0) throw new Error('a fault strikes at least once');
        faults.push(entry);
        return () => void (faults = faults.filter((other) => other !== entry));
      },
      clear() {
        faults = [];
        out = false;
        socket.clear();
      },
      outage(on) {
        out = on;
        if (on) onOutage();
      },
    },
  };
}
