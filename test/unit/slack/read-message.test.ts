import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namedIn, wordsOn } from '../../../src/slack/listeners/read-message.ts';

const names = { apps: ['my-app', 'myapp', 'cache', 'api'], environments: ['prod', 'staging', 'prod-eu'], aliases: { myapp: 'my-app' } };
const both = { app: 'my-app', environment: 'prod' };

describe('a message names an app and an environment', () => {
  it.each([
    ['CI pushed my-app again, please roll it on prod.', both],
    ['deployed my-app:v2 to prod', both],
    ['deployed `registry.example/shop/my-app:v2` → *prod*', both],
    ['My-App is out on PROD', both],
    ['myapp in prod', both],
    ['myapp, that is my-app, in prod', both],
    ['# Failed ❌ · my-app in prod\nnamespace api, cluster prod-eu', both],
    ['deployed my-app:v2 to prod (staging has had it since Monday)', both],
    ['my-app@sha256:0123 to prod; cache stays', both],
    ['/repull my-app prod, not staging', both],
    ['my-app -> prod, cache -> later', both],
    ['my-app and cache in prod', { environment: 'prod' }],
    ['my-app in prod and cache in staging', {}],
    ['my-app', { app: 'my-app' }],
    ['prod is slow', { environment: 'prod' }],
    ['my-app and cache on prod', { environment: 'prod' }],
    ['my-app: prod or staging?', { app: 'my-app' }],
    ['my-app in prod and my-app in staging', { app: 'my-app' }],
    ['my-app in prod, cache in staging', {}],
    ['my-apps, my-app-worker and productive', {}],
    ['', {}],
  ])('%j', (text, found) => {
    expect(namedIn(text, names)).toEqual(found);
  });

  it('in whatever part of it, but not in what a button carries', () => {
    const message = {
      text: 'Build finished',
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: 'deployed *my-app*' } },
        {
          type: 'actions',
          elements: [{ type: 'button', action_id: 'x', value: 'cache staging', text: { type: 'plain_text', text: 'Logs' } }],
        },
      ],
      attachments: [
        { fallback: 'f', fields: [{ title: 'Environment', value: 'prod', short: true }], title_link: 'https://staging.example' },
      ],
    };
    expect(namedIn(wordsOn(message), names)).toEqual(both);
    expect(wordsOn({ text: 'x', blocks: JSON.parse('[{"text":'.repeat(60) + '"deep"' + '}]'.repeat(60)) as unknown })).toBe('x\n'.trim());
  });

  it('and never another one than was given', () => {
    const pieces = fc.array(
      fc.oneof(fc.constantFrom('my-app', 'cache', 'prod', 'staging', ' in ', ' to ', ':v1', '\n', '→', '@'), fc.string()),
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const found = namedIn(parts.join(' '), names);
        expect([undefined, 'my-app', 'cache', 'api']).toContain(found.app);
        expect([undefined, ...names.environments]).toContain(found.environment);
      }),
    );
  });
});
