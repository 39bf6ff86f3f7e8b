import type { Signer } from '../app/worker-deps.ts';
import { shortHash } from '../app/plan-hash.ts';
import type { RequestRecord } from '../domain/request.ts';
import { isSigned, sign } from '../store/signature.ts';

/** With a job key, what was asked is under the signature too: a record edited by hand is not carried out. */
export function createSigner(jobKey: string): Signer {
  const signed = (record: Pick<RequestRecord, 'id' | 'ask' | 'decision'>, planHash: string) => ({
    id: record.id,
    planHash: `${shortHash(JSON.stringify(Object.entries(record.ask).toSorted(([a], [b]) => (a < b ? -1 : 1))))}.${planHash}`,
    decision: record.decision,
  });
  return {
    sign: (record, planHash) => sign(jobKey, signed(record, planHash)),
    verify: (record, planHash) => isSigned(jobKey, signed(record, planHash), record.signature),
  };
}
