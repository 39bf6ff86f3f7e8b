import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectiveTag, familiarImage, formatImage, parseImage, pinnedTo, runningDigest } from '../../../src/domain/image.ts';
import { digest } from '../../support/builders.ts';

const D = digest('some');

describe('reading an image reference', () => {
  it.each`
    text                                 | registry                   | repository         | tag          | of
    ${'nginx'}                           | ${'docker.io'}             | ${'library/nginx'} | ${undefined} | ${undefined}
    ${'nginx:1.27'}                      | ${'docker.io'}             | ${'library/nginx'} | ${'1.27'}    | ${undefined}
    ${'shop/api'}                        | ${'docker.io'}             | ${'shop/api'}      | ${undefined} | ${undefined}
    ${'index.docker.io/library/nginx:1'} | ${'docker.io'}             | ${'library/nginx'} | ${'1'}       | ${undefined}
    ${'localhost/api:v1'}                | ${'localhost'}             | ${'api'}           | ${'v1'}      | ${undefined}
    ${'localhost:15000/shop/api:v1'}     | ${'localhost:15000'}       | ${'shop/api'}      | ${'v1'}      | ${undefined}
    ${'registry.example:5000/a/b/c'}     | ${'registry.example:5000'} | ${'a/b/c'}         | ${undefined} | ${undefined}
    ${`ghcr.io/shop/api@${D}`}           | ${'ghcr.io'}               | ${'shop/api'}      | ${undefined} | ${D}
    ${`ghcr.io/shop/api:v1@${D}`}        | ${'ghcr.io'}               | ${'shop/api'}      | ${'v1'}      | ${D}
    ${'[::1]:5000/api:v1'}               | ${'[::1]:5000'}            | ${'api'}           | ${'v1'}      | ${undefined}
  `('$text is $repository at $registry', ({ text, registry, repository, tag, of }) => {
    expect(parseImage(text)).toEqual({
      registry,
      repository,
      ...(tag === undefined ? {} : { tag }),
      ...(of === undefined ? {} : { digest: of }),
    });
  });

  it.each([
    '',
    ' ',
    'Shop/Api:v1 ',
    'shop/Api:v1',
    'shop/api:',
    'shop/api:v 1',
    'shop/api@sha256:abc',
    `shop/api@${D}0`,
    'https://ghcr.io/shop/api',
    '/api',
    'shop//api',
    `:v1`,
    '-api',
    'ghcr.io/shop/api:v1@',
  ])('%j is no reference', (text) => {
    expect(parseImage(text)).toBeUndefined();
  });

  const part = fc.stringMatching(/^[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,8})?$/);
  const reference = fc.record(
    {
      registry: fc.constantFrom('docker.io', 'localhost', 'localhost:15000', 'ghcr.io', 'registry.example:5000', '10.0.0.1:443'),
      repository: fc.array(part, { minLength: 2, maxLength: 4 }).map((parts) => parts.join('/')),
      tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
      digest: fc.stringMatching(/^[a-f0-9]{64}$/).map((hex) => `sha256:${hex}`),
    },
    { requiredKeys: ['registry', 'repository'] },
  );

  it('gives back what was formatted, in full and in the familiar form', () => {
    fc.assert(
      fc.property(reference, (image) => {
        expect(parseImage(formatImage(image))).toEqual(image);
        expect(parseImage(familiarImage(image))).toEqual(image);
      }),
    );
  });

  it('never throws, and what it reads it writes so that it reads the same again', () => {
    const again = fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9:/@._-]{0,40}$/)), (text) => {
      const image = parseImage(text);
      return image === undefined || JSON.stringify(parseImage(formatImage(image))) === JSON.stringify(image);
    });
    expect(() => fc.assert(again)).not.toThrow();
  });
});

describe('the tag that is asked of the registry', () => {
  it.each`
    text                  | tag
    ${'shop/api'}         | ${'latest'}
    ${'shop/api:v1'}      | ${'v1'}
    ${`shop/api:v1@${D}`} | ${'v1'}
    ${`shop/api@${D}`}    | ${undefined}
  `('$text asks for $tag', ({ text, tag }) => {
    const image = parseImage(text);
    expect(image).toBeDefined();
    expect(image === undefined ? 'unread' : effectiveTag(image)).toBe(tag);
  });

  it('keeps the tag beside the digest in a pin', () => {
    const image = parseImage('ghcr.io/shop/api:v1');
    expect(image === undefined ? '' : formatImage(pinnedTo(image, D))).toBe(`ghcr.io/shop/api:v1@${D}`);
  });
});

describe('the digest a runtime shows', () => {
  it.each`
    imageId                              | shown
    ${`ghcr.io/shop/api@${D}`}           | ${{ digest: D, of: 'manifest' }}
    ${`docker-pullable://shop/api@${D}`} | ${{ digest: D, of: 'manifest' }}
    ${D}                                 | ${{ digest: D, of: 'config' }}
    ${`docker://${D}`}                   | ${{ digest: D, of: 'config' }}
    ${''}                                | ${undefined}
    ${'shop/api:v1'}                     | ${undefined}
  `('$imageId shows $shown', ({ imageId, shown }) => {
    expect(runningDigest(imageId)).toEqual(shown);
  });
});
