import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RegistryAnswer } from '../../../src/domain/registry-answer.ts';
import { createRegistry } from '../../../src/registry/resolve.ts';

export interface RegistrySubject {
  /** HOST:PORT, spoken to in plain HTTP. */
  host: string;
  push(ref: string, options?: { index?: boolean }): Promise<{ ref: string; digest: string; manifests: Record<string, string> }>;
  close(): Promise<void>;
}

export const known = (answer: RegistryAnswer) => {
  if (!answer.known) throw new Error(`the registry did not know: ${answer.because} ${answer.detail}`);
  return answer;
};
export const unknown = (answer: RegistryAnswer) => {
  if (answer.known) throw new Error(`the registry knew: ${answer.digest}`);
  return answer;
};

/** What the port `Registry` must answer, whichever registry stands behind it. */
export function registryContract(name: string, setup: () => Promise<RegistrySubject>): void {
  describe(`the registry client on ${name}`, () => {
    let subject: RegistrySubject;
    let repository: string;
    const uncached = () => createRegistry({ insecureHosts: [], cacheMs: 0 });

    beforeAll(async () => {
      subject = await setup();
      repository = `${subject.host}/contract-${Date.now()}/app`;
    });
    afterAll(async () => await subject.close());

    it('answers the digest that a tag points at, with the image config as another name of the same image', async () => {
      const pushed = await subject.push(`${repository}:single`);
      const answer = known(await uncached().resolve(pushed.ref, []));
      expect(answer).toMatchObject({ reference: pushed.ref, digest: pushed.digest, platforms: [] });
      expect(answer.identities.map(({ of }) => of)).toEqual(['manifest', 'config']);
      expect(answer.identities[0]).toEqual({ digest: pushed.digest, of: 'manifest', platform: 'linux/amd64' });
    });

    it('answers the index, each platform manifest and each platform config of a multi-arch tag', async () => {
      const pushed = await subject.push(`${repository}:multi`, { index: true });
      const answer = known(await uncached().resolve(pushed.ref, []));
      expect(answer.digest).toBe(pushed.digest);
      expect(answer.platforms).toEqual(['linux/amd64', 'linux/arm64']);
      expect(answer.identities.filter(({ of }) => of === 'manifest')).toEqual([
        { digest: pushed.manifests['linux/amd64'], of: 'manifest', platform: 'linux/amd64' },
        { digest: pushed.manifests['linux/arm64'], of: 'manifest', platform: 'linux/arm64' },
      ]);
      expect(answer.identities.filter(({ of }) => of === 'config').map(({ platform }) => platform)).toEqual(['linux/amd64', 'linux/arm64']);
    });

    it('reads the configs of only those platforms that are asked for', async () => {
      const pushed = await subject.push(`${repository}:some`, { index: true });
      const answer = known(await uncached().resolve(pushed.ref, [], { platforms: ['linux/arm64'] }));
      expect(answer.identities.filter(({ of }) => of === 'config').map(({ platform }) => platform)).toEqual(['linux/arm64']);
      expect(answer.identities.filter(({ of }) => of === 'manifest')).toHaveLength(2);
    });

    it('sees at once that a tag was pushed again', async () => {
      const registry = uncached();
      const first = await subject.push(`${repository}:moving`);
      expect(known(await registry.resolve(first.ref, [])).digest).toBe(first.digest);
      const second = await subject.push(`${repository}:moving`);
      expect(second.digest).not.toBe(first.digest);
      expect(known(await registry.resolve(first.ref, [])).digest).toBe(second.digest);
    });

    it('reads no tag as latest', async () => {
      const pushed = await subject.push(`${repository}:latest`);
      expect(known(await uncached().resolve(repository, []))).toMatchObject({ reference: `${repository}:latest`, digest: pushed.digest });
    });

    it('believes the digest, not the tag beside it', async () => {
      const old = await subject.push(`${repository}:pinned`);
      await subject.push(`${repository}:pinned`);
      const pin = `${repository}:pinned@${old.digest}`;
      expect(known(await uncached().resolve(pin, []))).toMatchObject({ reference: pin, digest: old.digest });
    });

    it.each([
      ['a tag that is not there', () => `${repository}:nope`],
      ['a repository that is not there', () => `${subject.host}/nobody/nothing:v1`],
      ['a digest that is not there', () => `${repository}@sha256:${'0'.repeat(64)}`],
    ])('says not-found for %s', async (_what, ref) => {
      await subject.push(`${repository}:v1`);
      expect(unknown(await uncached().resolve(ref(), []))).toMatchObject({ because: 'not-found' });
    });
  });
}
