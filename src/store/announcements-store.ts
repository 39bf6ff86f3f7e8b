import type { Redis } from 'ioredis';
import type { Announcement, Announcements } from '../app/ports-slack.ts';
import { asked } from '../ops/redis-errors.ts';
import { keys } from './keys.ts';
import { parseJson } from './stored-record.ts';

/** As long as Slack's delivery is known to have been taken: until then the command behind it may be carried out again. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** What is to be said beside cards and threads. That it was said stands in the delivery store, under the same id. */
export class RedisAnnouncements implements Announcements {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async put(announcement: Announcement): Promise<void> {
    await asked(() => this.#redis.set(keys.announcement(announcement.id), JSON.stringify(announcement), 'PX', KEPT_MS, 'NX'));
  }

  async load(id: string): Promise<Announcement | undefined> {
    const text = await asked(() => this.#redis.get(keys.announcement(id)));
    return text === null ? undefined : parseJson<Announcement>(text, `announcement ${id}`);
  }
}
