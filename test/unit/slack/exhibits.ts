/** Everything that a person meets in Slack, once: what the pictures of docs/cards.md show, and what the page is tested with. */
import type { HomeView, ModalView } from '@slack/types';
import { renderAnswer } from '../../../src/slack/render/answer.ts';
import { renderCard } from '../../../src/slack/render/card.ts';
import { renderHome } from '../../../src/slack/render/home.ts';
import { detailsModal } from '../../../src/slack/render/modal-details.ts';
import { rejectModal } from '../../../src/slack/render/modal-reject.ts';
import { requestModal } from '../../../src/slack/render/modal-request.ts';
import type { Rendered } from '../../../src/slack/render/rich.ts';
import { STATE_WORDS } from '../../../src/slack/render/words.ts';
import { NAMED_ANSWERS } from './answers-named.ts';
import { STORIES } from './stories.ts';

export type Exhibit = { name: string } & /** `begins`: the state word that it begins with, where there is one. */
({ as: 'card' | 'answer'; message: Rendered; begins?: string } | { as: 'modal'; view: ModalView } | { as: 'home'; view: HomeView });

const storyOf = (name: string) => {
  const found = STORIES.find((story) => story.name === name);
  if (found === undefined) throw new Error(`there is no story ${name}`);
  return found.record;
};
const card = (ts: string) => ({
  channel: 'C0DEPLOYS1',
  ts,
  permalink: `https://local-slack.slack.com/archives/C0DEPLOYS1/p${ts.replace('.', '')}`,
});

const HOME = renderHome({
  approvals: [{ record: storyOf('waiting-for-approval'), card: card('1796158800.000100') }],
  running: [{ record: storyOf('rolling-out'), card: card('1796158800.000200') }],
  recent: [
    { record: storyOf('succeeded'), card: card('1796158800.000300') },
    { record: storyOf('failed'), card: card('1796158800.000400') },
  ],
  rights: [
    'view, request, cancel on every app in every environment (bindings[0], role developer; <#C0DEPLOYS1>)',
    'everything on every app in every environment (bindings[1], role operator; every channel)',
  ],
});

const modal = (name: string, view: ModalView): Exhibit => ({ name, as: 'modal', view });

export const EXHIBITS: readonly Exhibit[] = [
  ...STORIES.map(
    ({ name, record, context }): Exhibit => ({
      name,
      as: 'card',
      message: renderCard(record, context),
      begins: STATE_WORDS[record.state.status],
    }),
  ),
  ...NAMED_ANSWERS.map(
    ({ name, answer }): Exhibit => ({
      name,
      as: 'answer',
      message: renderAnswer(answer),
      ...(answer.kind === 'failure' ? { begins: STATE_WORDS.refused } : {}),
      ...(answer.kind === 'denied' ? { begins: STATE_WORDS.denied } : {}),
    }),
  ),
  modal('details-before', detailsModal(storyOf('waiting-for-approval'))),
  modal('details-after', detailsModal(storyOf('succeeded'))),
  modal('reject', rejectModal({ channel: 'C0DEPLOYS1', value: `${storyOf('waiting-for-approval').id}.abc`, message: '1.000001' })),
  modal('request', requestModal({ channel: 'C0DEPLOYS1', app: 'my-app', environment: 'prod' })),
  { name: 'home', as: 'home', view: HOME },
];
