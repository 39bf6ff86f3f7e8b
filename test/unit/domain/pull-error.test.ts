import { describe, expect, it } from 'vitest';
import { pullRemedy, readPullError } from '../../../src/domain/pull-error.ts';

const read = (text: string, reason = 'ErrImagePull') => readPullError(reason, text);

describe('what a failed pull means, and what helps', () => {
  it.each`
    text                                                                 | code                      | transient | helps
    ${'failed with status code [manifests v1]: 429 Too Many Requests'}   | ${'pull-failed'}          | ${true}   | ${/registry counts the pulls/}
    ${'pull QPS exceeded'}                                               | ${'pull-failed'}          | ${true}   | ${/registryPullQPS/}
    ${'write /var/lib/containerd: no space left on device'}              | ${'pull-failed'}          | ${true}   | ${/free disk on node-1/}
    ${'failed with status code [manifests v1]: 503 Service Unavailable'} | ${'pull-failed'}          | ${true}   | ${/registry itself is in trouble/}
    ${'dial tcp: lookup registry.example: no such host'}                 | ${'pull-failed'}          | ${true}   | ${/node-1 cannot resolve/}
    ${'tls: failed to verify certificate: x509: unknown authority'}      | ${'pull-failed'}          | ${true}   | ${/node-1 does not trust/}
    ${'dial tcp 10.0.0.1:443: i/o timeout'}                              | ${'pull-failed'}          | ${true}   | ${/check that node-1 can reach/}
    ${'Head "https://r/v2/": EOF'}                                       | ${'pull-failed'}          | ${true}   | ${/check that node-1 can reach/}
    ${'signature verification failed'}                                   | ${'pull-failed'}          | ${false}  | ${/sign it/}
    ${'failed with status code [manifests v1]: 401 Unauthorized'}        | ${'registry-denied'}      | ${false}  | ${undefined}
    ${'403 Forbidden'}                                                   | ${'registry-denied'}      | ${false}  | ${undefined}
    ${'shop/app:v9: not found'}                                          | ${'image-not-found'}      | ${false}  | ${undefined}
    ${'no match for platform in manifest: not found'}                    | ${'no-matching-platform'} | ${false}  | ${undefined}
    ${'couldn\'t parse image name "X": invalid reference format'}        | ${'invalid-image'}        | ${false}  | ${undefined}
  `('$text → $code', ({ text, code, transient, helps }) => {
    const error = read(text);
    expect(error).toEqual({ code, transient });
    const remedy = pullRemedy(error, text, 'node-1');
    expect(remedy ?? 'the words of the code').toMatch(helps ?? /^the words of the code$/);
  });

  it('is not read out of the name of an image', () => {
    expect(read('failed to pull "shop/denied:429": shop/denied:429: not found').code).toBe('image-not-found');
  });

  it('is known by the reason alone where that says it', () => {
    expect(read('', 'ErrImageNeverPull').code).toBe('would-not-pull');
    expect(read('', 'InvalidImageName').code).toBe('invalid-image');
  });
});
