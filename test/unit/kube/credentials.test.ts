import { describe, expect, it } from 'vitest';
import { credentialsOf } from '../../../src/kube/credentials.ts';

const secret = (key: string, value: unknown) => ({
  metadata: { name: 'pull', namespace: 'shop', uid: 'u', resourceVersion: '1' },
  data: { [key]: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64') },
});
const auth = Buffer.from('robot$shop:pa:ss').toString('base64');

describe('a pull secret', () => {
  it.each([
    ['dockerconfigjson', secret('.dockerconfigjson', { auths: { 'registry.example': { auth } } })],
    ['the older dockercfg', secret('.dockercfg', { 'registry.example': { auth } })],
    [
      'user and password apart',
      secret('.dockerconfigjson', { auths: { 'registry.example': { username: 'robot$shop', password: 'pa:ss' } } }),
    ],
  ])('as %s gives user and password, colons in it and all', (_type, given) => {
    expect(credentialsOf(given)).toEqual([
      { host: 'registry.example', username: 'robot$shop', password: 'pa:ss', source: 'secret shop/pull' },
    ]);
  });

  it('with a refresh token gives it under docker’s mark', () => {
    const given = secret('.dockerconfigjson', { auths: { 'registry.example': { auth: '', identitytoken: 'refresh' } } });
    expect(credentialsOf(given)).toMatchObject([{ username: '<token>', password: 'refresh' }]);
  });

  it.each([
    ['text', secret('.dockerconfigjson', 'not json')],
    ['another kind of data', secret('tls.crt', {})],
    ['null', secret('.dockerconfigjson', 'null')],
    ['an entry without a colon', secret('.dockerconfigjson', { auths: { 'registry.example': { auth: 'bm9jb2xvbg==' } } })],
    ['null for an entry', secret('.dockerconfigjson', { auths: { 'registry.example': null } })],
    ['an entry that is none', secret('.dockerconfigjson', { auths: { 'registry.example': {} } })],
  ])('that holds %s gives nothing, and breaks nothing', (_what, given) => {
    expect(credentialsOf(given)).toEqual([]);
  });
});
