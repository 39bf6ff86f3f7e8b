import { votesOf, type RequestRecord } from '../domain/request.ts';
import type { Signer } from './worker-deps.ts';

/** What is believed of a record in Redis. Without a job key: everything. */
interface Deps {
  signer?: Signer;
}

/** Somebody asked for this, here, and it was decided like this. */
export const isAsked = ({ signer }: Deps, record: RequestRecord): boolean => signer === undefined || signer.isSigned(record);

/** The votes that stand in it were given, for this plan. */
export const isVoted = ({ signer }: Deps, record: RequestRecord): boolean =>
  signer === undefined || record.approvals.length === 0 || signer.isSealed(record, 'planned');

/** May be carried out: asked, planned by a worker, with all the votes that its decision wants, and not before its time. @param now Redis TIME, ms */
export function isAgreed({ signer }: Deps, record: RequestRecord, now: number): boolean {
  if (signer === undefined) return true;
  const { decision, ask } = record;
  if (!signer.isSigned(record) || !signer.isSealed(record, 'planned')) return false;
  if (typeof ask.at === 'number' && now < ask.at) return false;
  return decision.verdict === 'allow' || (decision.verdict === 'ask' && votesOf(record) >= decision.votes);
}

/** A worker began this, with this plan. */
export const isBegun = ({ signer }: Deps, record: RequestRecord): boolean => signer === undefined || signer.isSealed(record, 'writing');

/** For the patch that changes plan or votes: the seal over the record as it is afterwards. */
export const sealed = (
  { signer }: Deps,
  record: RequestRecord,
  step: 'planned' | 'writing',
  changed: Partial<Pick<RequestRecord, 'plan' | 'approvals'>>,
): { seal?: string } => (signer === undefined ? {} : { seal: signer.seal({ ...record, ...changed }, step) });
