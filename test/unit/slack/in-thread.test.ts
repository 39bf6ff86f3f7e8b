import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/app/answers.ts';
import { renderAnswer, renderInThread } from '../../../src/slack/render/answer.ts';

const refused: Answer = {
  kind: 'failure',
  failure: { code: 'nothing-new', subject: 'app', remedy: '/repull my-app prod --force' },
  id: '1RS4C0-7QXM',
  app: 'my-app',
  environment: 'prod',
};

describe('what is to be typed next', () => {
  it.each<[string, Answer]>([
    ['after a refusal', refused],
    ['after a typo', { kind: 'usage', wrong: 'There is no app “my-ap”.', corrected: '/repull my-app prod' }],
    ['after a page of the history', { kind: 'history', records: [], older: '/repull history my-app --before 1RS4C0-7QXM' }],
  ])('is a mention in a thread, where slash commands do not work: %s', (_, answer) => {
    expect(renderAnswer(answer).text).toContain('/repull ');
    for (const said of [renderInThread(answer).text, JSON.stringify(renderInThread(answer).blocks)]) {
      expect(said).toContain('@repull ');
      expect(said).not.toContain('/repull');
    }
  });

  it('stands apart from the words around it in a thread too', () => {
    expect(JSON.stringify(renderInThread(refused).blocks)).toContain('Next: type `@repull my-app prod --force`');
  });
});
