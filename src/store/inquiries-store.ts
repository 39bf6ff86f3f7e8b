import type { Redis } from 'ioredis';
import type { Answer } from '../app/answers.ts';
import type { Inquiries, Inquiry } from '../app/ports-slack.ts';
import { keys } from './keys.ts';
import { asked } from '../ops/redis-errors.ts';
import { parseJson } from './stored-record.ts';

/** Nobody waits longer for a `check` or a `--dry-run`, and the response_url of a command lives half as long. */
const KEPT_MS = 60 * 60 * 1000;

/** Questions that change nothing. The answer is a key of its own, so that an inquiry which has run out does not come back as half of one. */
export class RedisInquiries implements Inquiries {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async put(inquiry: Inquiry): Promise<void> {
    await asked(() => this.#redis.set(keys.inquiry(inquiry.id), JSON.stringify(inquiry), 'PX', KEPT_MS));
  }

  async load(id: string): Promise<Inquiry | undefined> {
    const [asking, answer] = await asked(() => this.#redis.mget(keys.inquiry(id), keys.inquiryAnswer(id)));
    if (asking === null || asking === undefined) return undefined;
    const inquiry = parseJson<Inquiry>(asking, `inquiry ${id}`);
    return answer === null || answer === undefined ? inquiry : { ...inquiry, answer: parseJson<Answer>(answer, `answer ${id}`) };
  }

  /** A worker that was killed after answering answers again; the later answer is the fresher one. */
  async answer(id: string, answer: Answer): Promise<void> {
    await asked(() => this.#redis.set(keys.inquiryAnswer(id), JSON.stringify(answer), 'PX', KEPT_MS));
  }
}
