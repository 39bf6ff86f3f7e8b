import { z } from 'zod';
import type { ActorFacts } from '../domain/policy.ts';
import type { DirectoryOptions } from './directory.ts';
import { problemOf } from './errors.ts';

const TTL = 60_000;

const Group = z.object({
  id: z.string(),
  date_delete: z.number().default(0),
  users: z.array(z.string()).optional(),
  user_count: z.union([z.number(), z.string().transform(Number)]).optional(),
});

export interface Groups {
  of(userId: string): Promise<ActorFacts['groups']>;
  forget(): void;
}

type Members = Map<string, ReadonlySet<string>>;

/**
 * Members of every enabled user group, in one bulk read (tier 2: 20 a minute), kept for a minute and forgotten when Slack says that a group
 * changed. A read that fails answers "not known": an earlier one never stands in for it beyond its time.
 */
export function makeGroups(options: DirectoryOptions): Groups {
  const now = options.now ?? Date.now;
  const ttl = options.groupsTtlMs ?? TTL;
  let kept: { at: number; members: Members } | undefined;
  let reading: Promise<Members | undefined> | undefined;
  let generation = 0;

  const read = async (): Promise<Members | undefined> => {
    const began = generation;
    try {
      const members = await readAll(options);
      // Changed while it was read: true for this caller's moment, not for the next one.
      if (generation === began) kept = { at: now(), members };
      return members;
    } catch (error) {
      const problem = problemOf(error);
      options.log.warn(
        { because: problem.because, detail: 'detail' in problem ? problem.detail : undefined },
        'user groups cannot be read',
      );
      return undefined;
    }
  };

  return {
    async of(userId) {
      let members = kept !== undefined && now() - kept.at < ttl ? kept.members : undefined;
      if (members === undefined) {
        const began = generation;
        reading ??= read().finally(() => {
          reading = undefined;
        });
        members = await reading;
        // Somebody was taken out of a group while this was being read: read once more.
        if (generation !== began) members = await read();
      }
      if (members === undefined) return { known: false, ids: [] };
      return { known: true, ids: [...members].filter(([, users]) => users.has(userId)).map(([id]) => id) };
    },
    forget() {
      generation += 1;
      kept = undefined;
      reading = undefined;
    },
  };
}

async function readAll({ client }: DirectoryOptions): Promise<Members> {
  const answer = await client.usergroups.list({ include_users: true, include_disabled: false });
  const groups = z.array(Group).parse(answer.usergroups ?? []);
  const members: Members = new Map();
  for (const group of groups) {
    if (group.date_delete !== 0) continue;
    const complete = group.users !== undefined && (group.user_count === undefined || group.users.length === group.user_count);
    const users = complete ? group.users : z.array(z.string()).parse((await client.usergroups.users.list({ usergroup: group.id })).users);
    members.set(group.id, new Set(users));
  }
  return members;
}
