import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../../../src/domain/failure.ts';
import { FAILURE_WORDS } from '../../../src/slack/render/failure-words.ts';
import { failureLines } from '../../../src/slack/render/failure.ts';
import { cut } from '../../../src/slack/render/limits.ts';
import { bytes, seconds, shortDigest, shortImage } from '../../../src/slack/render/words.ts';
import { redact } from '../../../src/slack/redact.ts';
import { planningText } from '../../../src/slack/listeners/command.ts';
import { slackManifest, manifest } from '../../../src/slack/manifest.ts';
import { speak } from '../../../src/slack/render/rich.ts';
import { parse } from 'yaml';

const FAILURE_CODES = Object.keys(FAILURE_WORDS) as FailureCode[];

describe('words', () => {
  it.each([
    [400, '0.4 s'],
    [2_100, '2.1 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min'],
    [72_000, '1 min 12 s'],
    [3_599_600, '1 h'],
    [7_380_000, '2 h 3 min'],
  ])('%i ms is %s', (ms, text) => expect(seconds(ms)).toBe(text));

  it.each([
    [812, '812 B'],
    [999_600, '1.0 MB'],
    [45_200_000, '45 MB'],
    [1_234_000_000, '1.2 GB'],
  ])('%i bytes are %s', (count, text) => expect(bytes(count)).toBe(text));

  it('a digest is short where it is one, and untouched where it is not', () => {
    expect(shortDigest(`sha256:1a2b3c4d5e6f${'0'.repeat(52)}`)).toBe('sha256:1a2b3c4d5e6f');
    expect(shortDigest('latest')).toBe('latest');
    expect(shortImage(`shop/api:v1@sha256:1a2b3c4d5e6f${'0'.repeat(52)}`)).toBe('shop/api:v1@sha256:1a2b3c4d5e6f');
  });

  it('every failure says what happened, why, and what to do next, with a subject and without', () => {
    for (const code of FAILURE_CODES) {
      for (const subject of ['thing', undefined]) {
        const lines = failureLines({ code, ...(subject === undefined ? {} : { subject }) }).lines.map(speak);
        expect(lines).toHaveLength(3);
        for (const line of lines) expect(line).toMatch(/^(?:Next: )?\S.*[.…!…:]$/u);
        expect(lines[0]).not.toMatch(/ {2}|undefined/);
      }
    }
    expect(new Set(FAILURE_CODES.map((code) => speak(failureLines({ code }).lines[0] ?? []))).size).toBe(FAILURE_CODES.length);
  });
});

describe('cutting', () => {
  it.each([
    ['never inside an entity', 'aaaa&amp;bbbb', 10],
    ['never inside a mention', 'aaa<@U123456789>', 12],
    ['never inside inline code', 'a `bbbbbbbbbb` c', 12],
    ['never half an emoji', 'aaaaaa🟩🟩🟩', 11],
  ])('%s', (_, text, max) => {
    const kept = cut(text, max);
    expect(kept.length).toBeLessThanOrEqual(max);
    expect(kept).toMatch(/ …$/);
    expect(kept.replaceAll(/&(?:amp|lt|gt);/g, '')).not.toMatch(/[<>&]|\p{Surrogate}/u);
    expect((kept.match(/`/g)?.length ?? 0) % 2).toBe(0);
  });

  it('leaves alone what fits', () => expect(cut('exactly', 7)).toBe('exactly'));
});

describe('logs', () => {
  it.each([
    'xoxb-123-456-abcDEF',
    'xapp-1-A123-456-abcdef',
    'Bearer xoxe.abc',
    'https://hooks.slack.com/commands/T1/2/secret',
    'wss://wss-primary.slack.com/link/?ticket=secret&app_id=A1',
    '{"trigger_id":"123.456.secret"}',
    '{\\"response_url\\":\\"http://127.0.0.1:1/actions/T1/2/secret\\"}',
    '1796158800000.123456.0123456789abcdef0123456789abcdef',
  ])('lose %s', (secret) => {
    expect(redact(`before ${secret} after`)).not.toMatch(/secret|abcDEF|abcdef|xoxe\.abc/);
    expect(redact(`before ${secret} after`)).toMatch(/^before .* after$/);
  });

  it('keep what is no secret', () =>
    expect(redact('chat.postMessage: channel_not_found in C123')).toBe('chat.postMessage: channel_not_found in C123'));
});

describe('listeners', () => {
  it.each([
    ['my-app prod', 'Planning my-app in prod …'],
    ['rollback my-app prod', 'Planning my-app in prod …'],
    ['my-app prod --reason “new build”', 'Planning my-app in prod …'],
    ['check my-app prod', undefined],
    ['status', undefined],
    ['my-app', undefined],
    ['my-app prod --nonsense', undefined],
    ['', undefined],
  ])('the first word to “%s” is %s', (text, expected) => expect(planningText(text)).toBe(expected));
});

describe('the manifest', () => {
  it('is YAML in Slack’s own shape and keeps to its limits', () => {
    const { exitCode, stdout } = manifest([]);
    expect(exitCode).toBe(0);
    const read = parse(stdout) as ReturnType<typeof slackManifest>;
    expect(read).toEqual(slackManifest(false));
    expect(read.display_information.name.length).toBeLessThanOrEqual(35);
    expect(read.display_information.description?.length).toBeLessThanOrEqual(140);
    const long = read.display_information.long_description?.length ?? 0;
    expect(long >= 174 && long <= 4_000).toBe(true);
    expect(read.features?.slash_commands?.[0]?.should_escape).toBe(true);
  });

  it('asks for history only with --exactly-once, and for nothing like it otherwise', () => {
    expect(slackManifest(false).oauth_config?.scopes?.bot?.filter((scope) => /history|customize|admin/.test(scope))).toEqual([]);
    expect(slackManifest(true).oauth_config?.scopes?.bot).toEqual(expect.arrayContaining(['channels:history', 'groups:history']));
    expect(manifest(['--exactly-one']).exitCode).toBe(2);
  });
});
