import type { Signer } from '../app/worker-deps.ts';
import { isSigned, sign } from '../store/signature.ts';

/** With a job key: what stands in Redis was written by a bot or a worker that has the key, word for word. */
export function createSigner(jobKey: string): Signer {
  // The first word keeps one kind of signature from standing in for another.
  const asked: Parts<'sign'> = ({ id, ask, requester, team, channel, decision }) => ['asked', id, ask, requester, team, channel, decision];
  const sealed: Parts<'seal'> = (record, step) => [step, ...asked(record), record.approvals, record.plan];
  const taken: Parts<'signIntake'> = (intake, key) => ['intake', key, intake];
  return {
    sign: (record) => sign(jobKey, asked(record)),
    isSigned: (record) => isSigned(jobKey, asked(record), record.signature),
    seal: (record, step) => sign(jobKey, sealed(record, step)),
    isSealed: (record, step) => isSigned(jobKey, sealed(record, step), record.seal),
    signIntake: (intake, key) => sign(jobKey, taken(intake, key)),
    isIntakeSigned: (intake, key, signature) => isSigned(jobKey, taken(intake, key), signature),
  };
}

type Parts<K extends 'sign' | 'seal' | 'signIntake'> = (...of: Parameters<Signer[K]>) => unknown[];
