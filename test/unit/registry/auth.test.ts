import { describe, expect, it } from 'vitest';
import { parseChallenge } from '../../../src/registry/auth.ts';
import { baseUrl, isSafeRealm } from '../../../src/registry/hosts.ts';

describe('the challenge of a registry', () => {
  it('of Docker Hub names realm, service and scope', () => {
    const header = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"';
    expect(parseChallenge(header)).toEqual({
      scheme: 'bearer',
      realm: 'https://auth.docker.io/token',
      service: 'registry.docker.io',
      scope: 'repository:library/nginx:pull',
    });
  });

  it('may hold commas in quotes, escapes, and a scheme in any case', () => {
    expect(parseChallenge('bearer realm="https://x.example/\\"t\\"",scope="repository:a:pull,push"')).toMatchObject({
      realm: 'https://x.example/"t"',
      scope: 'repository:a:pull,push',
    });
  });

  it('that offers basic and bearer is answered with bearer', () => {
    expect(parseChallenge('Basic realm="x", Bearer realm="https://x.example/token"')).toMatchObject({ scheme: 'bearer' });
  });

  it.each([
    ['Basic realm="Registry"', { scheme: 'basic' }],
    ['Negotiate', undefined],
    ['Bearer service="no realm"', undefined],
    [undefined, undefined],
  ])('%s is %o', (header, expected) => {
    expect(parseChallenge(header)).toEqual(expected);
  });
});

describe('plain HTTP', () => {
  it.each`
    registry                 | url
    ${'docker.io'}           | ${'https://registry-1.docker.io'}
    ${'registry.example'}    | ${'https://registry.example'}
    ${'localhost:5000'}      | ${'http://localhost:5000'}
    ${'127.0.0.1'}           | ${'http://127.0.0.1'}
    ${'[::1]:5000'}          | ${'http://[::1]:5000'}
    ${'localhost.example'}   | ${'https://localhost.example'}
    ${'127.0.0.1.example'}   | ${'https://127.0.0.1.example'}
    ${'plain.example'}       | ${'http://plain.example'}
    ${'plain.example:8080'}  | ${'http://plain.example:8080'}
    ${'one-port.example:81'} | ${'http://one-port.example:81'}
    ${'one-port.example:82'} | ${'https://one-port.example:82'}
  `('$registry is asked at $url', ({ registry, url }) => {
    expect(baseUrl(registry, ['plain.example', 'one-port.example:81'])).toBe(url);
  });

  it.each([
    ['https://anything.example/token', true],
    ['http://tokens.example/token', false],
    ['http://localhost:5000/token', true],
    ['http://plain.example/token', true],
    ['ftp://localhost/token', false],
  ])('a token service at %s gets credentials: %s', (realm, safe) => {
    expect(isSafeRealm(new URL(realm), ['plain.example'])).toBe(safe);
  });
});
