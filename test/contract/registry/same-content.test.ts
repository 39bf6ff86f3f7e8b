import { afterEach, describe, expect, it } from 'vitest';
import { explained } from '../../../src/app/same-content.ts';
import { matches } from '../../../src/domain/identity.ts';
import { aClient, aRegistry, closeAll } from './given.ts';

afterEach(closeAll);

/** A tag that was pushed again around the same code, for one more platform; `old` is what the pods still show. */
async function pushedAgain() {
  const registry = await aRegistry();
  const { digest: old } = registry.push('shop/api:v1', { version: 'same', index: true, platforms: ['linux/amd64'] });
  const { ref, digest } = registry.push('shop/api:v1', { version: 'same', index: true });
  const client = aClient();
  const answer = await client.resolve(ref, []);
  const explain = async (imageId: string, platforms?: string[]) =>
    await explained({ registry: client }, ref, answer, [imageId], [], platforms);
  const matchOf = async (imageId: string, of = old) => matches({ digest: of, of: 'manifest' }, ref, await explain(imageId));
  return { registry, client, ref, digest, old, answer, explain, matchOf, imageId: `${registry.host}/shop/api@${old}` };
}

describe('what pods show that the tag does not name', () => {
  it('is read from the registry by digest, and found to be the same code', async () => {
    const { matchOf, imageId, old, digest } = await pushedAgain();
    expect(old).not.toBe(digest);
    expect(await matchOf(imageId)).toBe('same');
  });

  it('costs the registry one question for all pods, and none where the tag names it', async () => {
    const { registry, explain, imageId, digest } = await pushedAgain();
    registry.requests.clear();
    await explain(`${registry.host}/shop/api@${digest}`);
    expect(registry.requests).toHaveLength(0);
    await explain(imageId);
    expect(registry.requests.filter(({ method }) => method === 'HEAD')).toHaveLength(1);
  });

  it('is looked for in the repository that the runtime names, where the image’s own does not have it', async () => {
    const { registry, matchOf } = await pushedAgain();
    const other = registry.push('aaa/other:v1', { version: 'same', index: true, platforms: ['linux/amd64', 'linux/s390x'] });
    expect(await matchOf(`${registry.host}/aaa/other@${other.digest}`, other.digest)).toBe('same');
  });

  it('stays another image where it is other code', async () => {
    const { registry, matchOf } = await pushedAgain();
    const other = registry.push('shop/api:v0', { version: 'another' });
    expect(await matchOf(`${registry.host}/shop/api@${other.digest}`, other.digest)).toBe('other');
  });

  it('stays another image where the registry has thrown it away, or does not answer just now; that is no error', async () => {
    const { registry, ref, old, matchOf, imageId } = await pushedAgain();
    const fix = registry.faults.answer(503);
    expect(await matchOf(imageId)).toBe('other');
    fix();
    registry.delete(`${ref.replace(/:v1$/, '')}@${old}`);
    expect(await matchOf(imageId)).toBe('other');
  });

  it('is not asked about again and again where the registry has gone away meanwhile', async () => {
    const { registry, client, ref, answer } = await pushedAgain();
    const strangers = ['a', 'b', 'c'].map((letter) => `${registry.host}/shop/api@sha256:${letter.repeat(64)}`);
    registry.faults.answer(503);
    registry.requests.clear();
    expect(await explained({ registry: client }, ref, answer, strangers, [], undefined)).toBe(answer);
    expect(registry.requests).toHaveLength(1);
  });

  it('is no question where the tag itself is unknown', async () => {
    const { registry, client, imageId } = await pushedAgain();
    const unknown = await client.resolve(`${registry.host}/shop/api:nope`, []);
    registry.requests.clear();
    expect(await explained({ registry: client }, 'x', unknown, [imageId], [], undefined)).toBe(unknown);
    expect(registry.requests).toHaveLength(0);
  });
});
