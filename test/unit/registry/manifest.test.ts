import { describe, expect, it } from 'vitest';
import { readDocument, readPlatform } from '../../../src/registry/manifest.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const read = (value: unknown) => readDocument(new TextEncoder().encode(JSON.stringify(value)), 'application/json');

describe('reading what a registry holds under a tag', () => {
  it('an index gives its platforms, without the attestations that ride along', () => {
    const document = read({
      schemaVersion: 2,
      manifests: [
        { digest: digest('a'), platform: { os: 'linux', architecture: 'amd64' } },
        { digest: digest('b'), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
        { digest: digest('c'), platform: { os: 'unknown', architecture: 'unknown' } },
      ],
    });
    expect(document).toEqual({
      is: 'index',
      children: [
        { digest: digest('a'), platform: 'linux/amd64' },
        { digest: digest('b'), platform: 'linux/arm64/v8' },
      ],
    });
  });

  it('a manifest gives its config', () => {
    expect(read({ schemaVersion: 2, config: { digest: digest('a') }, layers: [] })).toEqual({ is: 'manifest', config: digest('a') });
  });

  it.each([
    ['schema 1', { schemaVersion: 1, name: 'x' }],
    ['an index whose digests are none', { manifests: [{ digest: 'latest' }] }],
    ['an empty object', {}],
    ['null', null],
  ])('%s is refused', (_what, value) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ because: 'unsupported' }));
  });
});

describe('what a single manifest was built for', () => {
  const platform = (value: unknown) => readPlatform(new TextEncoder().encode(JSON.stringify(value)));

  it.each([
    [{ os: 'linux', architecture: 'amd64' }, 'linux/amd64'],
    [{ os: 'linux', architecture: 'arm64', variant: 'v8' }, 'linux/arm64/v8'],
    [{ os: 'linux', architecture: '' }, undefined],
    [{ mediaType: 'application/vnd.cncf.helm.config.v1+json' }, undefined],
  ])('%o is %s', (config, expected) => {
    expect(platform(config)).toBe(expected);
  });
});
