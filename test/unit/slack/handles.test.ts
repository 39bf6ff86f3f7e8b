import { describe, expect, it } from 'vitest';
import { isSlackUrl, makeHandles } from '../../../src/slack/handles.ts';

const URL_OF_SLACK = 'https://hooks.slack.com/commands/T1/2/abc';

describe('a response_url', () => {
  it.each([
    [URL_OF_SLACK, true],
    ['https://example.slack.com/x', true],
    ['https://hooks.slack-gov.com/x', true],
    ['http://hooks.slack.com/x', false],
    ['https://hooks.slack.com:8443/x', false],
    ['https://slack.com.evil.example/x', false],
    ['https://evilslack.com/x', false],
    ['https://user:pass@hooks.slack.com/x', false],
    ['https://evil.example/?slack.com', false],
    ['http://169.254.169.254/latest', false],
    ['not a url', false],
  ])('%s is used: %s', (url, expected) => {
    expect(isSlackUrl(url)).toBe(expected);
  });

  it('of the host that SLACK_API_URL names is used, of its neighbours not', () => {
    expect(isSlackUrl('http://127.0.0.1:4000/commands/x', 'http://127.0.0.1:4000/api/')).toBe(true);
    expect(isSlackUrl('http://127.0.0.1:4001/commands/x', 'http://127.0.0.1:4000/api/')).toBe(false);
    expect(isSlackUrl('https://127.0.0.1:4000/commands/x', 'http://127.0.0.1:4000/api/')).toBe(false);
  });

  it('is hidden behind a name that says nothing, for five uses and less than 30 minutes', () => {
    let now = 0;
    const handles = makeHandles({ now: () => now });
    const handle = handles.keep(URL_OF_SLACK, { replaces: true }) ?? '';
    expect(handle).toMatch(/^[0-9a-f]{24}$/);
    for (let use = 0; use < 5; use += 1) expect(handles.take(handle)).toEqual({ url: URL_OF_SLACK, replaces: true });
    expect(handles.take(handle)).toBeUndefined();
    const late = handles.keep(URL_OF_SLACK, { replaces: false }) ?? '';
    now += 29 * 60_000;
    expect(handles.take(late)).toBeUndefined();
    expect(handles.take('nobody’s')).toBeUndefined();
    expect(handles.keep('http://evil.example', { replaces: true })).toBeUndefined();
    expect(handles.keep(undefined, { replaces: true })).toBeUndefined();
  });

  it('stops replacing once the last word was said, and old ones are forgotten', () => {
    let now = 0;
    const handles = makeHandles({ now: () => now });
    const handle = handles.keep(URL_OF_SLACK, { replaces: true }) ?? '';
    handles.settle(handle);
    expect(handles.take(handle)?.replaces).toBe(false);
    for (let n = 0; n < 50; n += 1) handles.keep(URL_OF_SLACK, { replaces: true });
    now += 30 * 60_000;
    handles.keep(URL_OF_SLACK, { replaces: true });
    expect(handles.size()).toBe(1);
  });
});
