import { describe, expect, it } from 'vitest';
import type { PolicyDecision } from '../../../src/domain/policy.ts';
import { isSigned, sign } from '../../../src/store/signature.ts';

const decision: PolicyDecision = { verdict: 'ask', rule: 'bindings[1]', votes: 1, self: false, expiresMs: 1_800_000 };
const signed = { id: '0VKZ4C-7QXM', planHash: '0123456789abcdef', decision };

describe('what the bot signs for a worker', () => {
  it('is accepted with the same key, also after it went through Redis', () => {
    const reordered = JSON.parse('{"expiresMs":1800000,"self":false,"votes":1,"rule":"bindings[1]","verdict":"ask"}') as PolicyDecision;
    expect(isSigned('key', signed, sign('key', signed))).toBe(true);
    expect(isSigned('key', { ...signed, decision: reordered }, sign('key', signed))).toBe(true);
  });

  it.each([
    ['another key', 'other', signed],
    ['another request', 'key', { ...signed, id: '0VKZ4C-7QXN' }],
    ['another plan', 'key', { ...signed, planHash: 'fedcba9876543210' }],
    ['fewer votes', 'key', { ...signed, decision: { ...decision, votes: 0 } }],
    ['another verdict', 'key', { ...signed, decision: { verdict: 'allow', rule: 'bindings[1]' } as PolicyDecision }],
  ])('is refused for %s', (_, key, claimed) => {
    expect(isSigned(key, claimed, sign('key', signed))).toBe(false);
  });

  it('is refused when it is missing or mangled', () => {
    expect(isSigned('key', signed, undefined)).toBe(false);
    expect(isSigned('key', signed, '')).toBe(false);
    expect(isSigned('key', signed, sign('key', signed).toUpperCase())).toBe(false);
  });
});
