import { describe, expect, it } from 'vitest';
import { matching } from '../../../src/registry/docker-config.ts';

const named = (...hosts: string[]) => hosts.map((host) => ({ host, username: host, password: 'x', source: 'test' }));

describe('which credentials the kubelet would try', () => {
  it.each`
    key                                | registry                                  | repository         | matches
    ${'registry.example'}              | ${'registry.example'}                     | ${'shop/api'}      | ${true}
    ${'https://registry.example/v2/'}  | ${'registry.example'}                     | ${'shop/api'}      | ${true}
    ${'registry.example:5000'}         | ${'registry.example:5000'}                | ${'shop/api'}      | ${true}
    ${'registry.example'}              | ${'registry.example:5000'}                | ${'shop/api'}      | ${false}
    ${'registry.example:5000'}         | ${'registry.example'}                     | ${'shop/api'}      | ${false}
    ${'registry.example/shop'}         | ${'registry.example'}                     | ${'shop/api'}      | ${true}
    ${'registry.example/shop'}         | ${'registry.example'}                     | ${'shopping/api'}  | ${false}
    ${'*.example'}                     | ${'registry.example'}                     | ${'shop/api'}      | ${true}
    ${'*.example'}                     | ${'a.registry.example'}                   | ${'shop/api'}      | ${false}
    ${'*.dkr.ecr.*.amazonaws.com'}     | ${'1234.dkr.ecr.eu-west-1.amazonaws.com'} | ${'shop/api'}      | ${true}
    ${'r*.example'}                    | ${'registry.example'}                     | ${'shop/api'}      | ${true}
    ${'registryXexample'}              | ${'registry.example'}                     | ${'shop/api'}      | ${false}
    ${'https://index.docker.io/v1/'}   | ${'docker.io'}                            | ${'library/nginx'} | ${true}
    ${'docker.io'}                     | ${'docker.io'}                            | ${'library/nginx'} | ${true}
    ${'https://index.docker.io/v1/'}   | ${'registry.example'}                     | ${'library/nginx'} | ${false}
    ${'evil.example/registry.example'} | ${'registry.example'}                     | ${'shop/api'}      | ${false}
  `('$key for $registry/$repository: $matches', ({ key, registry, repository, matches }) => {
    expect(matching(named(key), registry, repository)).toHaveLength(matches ? 1 : 0);
  });

  it('tries the longest path first, and an exact host before a wildcard', () => {
    const all = named('*.example', 'registry.example', 'registry.example/shop/api', 'registry.example/shop');
    expect(matching(all, 'registry.example', 'shop/api').map(({ host }) => host)).toEqual([
      'registry.example/shop/api',
      'registry.example/shop',
      'registry.example',
      '*.example',
    ]);
  });
});
