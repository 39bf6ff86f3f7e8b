/** What went over the wire, both ways. */
import type { Changes } from './changes.ts';
import type { Call, CallLog, Delivery, DeliveryLog } from './fault-types.ts';

export interface Wire {
  readonly calls: CallLog;
  readonly deliveries: DeliveryLog;
  /** The entry is kept and may be completed later; `changed` says so to whoever waits. */
  addCall(call: Omit<Call, 'n'>): Call;
  addDelivery(delivery: Omit<Delivery, 'n'>): Delivery;
  changed(): void;
}

/** The playground may run for days: only so many entries are kept. */
const KEPT = 20_000;

export function makeWire(changes: Changes): Wire {
  let calls: Call[] = [];
  let deliveries: Delivery[] = [];
  let callNumber = 0;
  let deliveryNumber = 0;
  return {
    calls: {
      all: () => calls,
      of: (method) => calls.filter((call) => call.method === method),
      count: (method) => calls.filter((call) => method === undefined || call.method === method).length,
      mark: () => callNumber,
      since: (mark) => calls.filter((call) => call.n > mark),
      scopesUsed: () => [...new Set(calls.flatMap((call) => call.scopes))].sort(),
      clear: () => void (calls = []),
    },
    deliveries: {
      all: () => deliveries,
      mark: () => deliveryNumber,
      since: (mark) => deliveries.filter((delivery) => delivery.n > mark),
      clear: () => void (deliveries = []),
    },
    addCall(seed) {
      const call: Call = { n: (callNumber += 1), ...seed };
      calls.push(call);
      if (calls.length > KEPT) calls = calls.slice(-KEPT / 2);
      changes.nudge();
      return call;
    },
    addDelivery(seed) {
      const delivery: Delivery = { n: (deliveryNumber += 1), ...seed };
      deliveries.push(delivery);
      if (deliveries.length > KEPT) deliveries = deliveries.slice(-KEPT / 2);
      changes.nudge();
      return delivery;
    },
    changed: changes.nudge,
  };
}
