import type { CardPlace, Milestone, RequestRecord } from '../domain/request.ts';

/** A stored value that is no JSON. Guessing what it meant could approve or write something, so it is an error with a name. */
class CorruptRecord extends Error {
  constructor(where: string, cause: unknown) {
    super(`what Redis holds for ${where} is not JSON`, { cause });
    this.name = 'CorruptRecord';
  }
}

export function parseJson<T>(text: string, where: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new CorruptRecord(where, error);
  }
}

const REQUIRED = ['id', 'version', 'state', 'since', 'createdAt', 'ask', 'requester', 'team', 'channel', 'decision'] as const;

/**
 * A record from its hash, its milestones and the place of its card. Fields that begin with `_` belong to the script.
 * @returns undefined for an empty hash, that is for an unknown id.
 * @throws CorruptRecord
 */
export function parseRecord(
  id: string,
  fields: Record<string, string>,
  milestones: readonly string[],
  card: string,
): RequestRecord | undefined {
  if (Object.keys(fields).length === 0) return undefined;
  const record: Record<string, unknown> = { approvals: [], decisions: [], followers: [] };
  for (const [name, text] of Object.entries(fields)) {
    if (!name.startsWith('_')) record[name] = parseJson(text, `${id}.${name}`);
  }
  for (const name of REQUIRED) {
    if (record[name] === undefined) throw new CorruptRecord(`${id}.${name}`, 'the field is missing');
  }
  record['milestones'] = milestones.map((text, at) => parseJson<Milestone>(text, `${id}.milestones[${at}]`));
  if (card !== '') record['card'] = parseJson<CardPlace>(card, `${id}.card`);
  return record as unknown as RequestRecord;
}

/** A hash as Lua returns it: name, value, name, value. */
export function pairsToFields(flat: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) fields[flat[i] as string] = flat[i + 1] as string;
  return fields;
}
