/** Everything that a person meets in Slack, once: what the pictures of docs/cards.md show, and what the page is tested with. */
import type { HomeView, ModalView } from '@slack/types';
import { renderAnswer } from '../../../src/slack/render/answer.ts';
import { renderCard } from '../../../src/slack/render/card.ts';
import { renderMilestone } from '../../../src/slack/render/milestone.ts';
import { renderHome } from '../../../src/slack/render/home.ts';
import { detailsModal } from '../../../src/slack/render/modal-details.ts';
import { rejectModal } from '../../../src/slack/render/modal-reject.ts';
import { requestModal } from '../../../src/slack/render/modal-request.ts';
import type { Rendered } from '../../../src/slack/render/rich.ts';
import { STATE_WORDS } from '../../../src/slack/render/words.ts';
import type { Milestone } from '../../../src/domain/request.ts';
import { NAMED_ANSWERS } from './answers-named.ts';
import { AT, PODS } from './story-parts.ts';
import { STORIES } from './stories.ts';

interface Named {
  name: string;
}
/** `begins`: the state word that it begins with, where there is one. */
export type MessageExhibit = Named & { as: 'card' | 'answer' | 'entry'; message: Rendered; begins?: string };
/** The dialog that asks once more, after `press` on the card of that name. */
export type ConfirmExhibit = Named & { as: 'confirm'; card: string; press: string };
export type ViewExhibit = Named & ({ as: 'modal'; view: ModalView } | { as: 'home'; view: HomeView });
export type Exhibit = MessageExhibit | ConfirmExhibit | ViewExhibit;

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

/** An entry of the thread. */
const entry = (name: string, of: string, milestone: Pick<Milestone, 'kind' | 'text'> & Partial<Milestone>): Exhibit => ({
  name,
  as: 'entry',
  message: renderMilestone(storyOf(of), { seq: 1, at: AT, ...milestone }),
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
  entry('thread-approved', 'rolling-out', { kind: 'approved', by: 'U0SRE00001', text: 'Approved (2 of 2).' }),
  entry('thread-started', 'rolling-out', { kind: 'started', text: 'Started: restart on deployment/my-app, 4 pods.' }),
  entry('thread-pulls', 'rolling-out', {
    kind: 'pulls',
    text: PODS.slice(0, 3)
      .map(
        (pod) =>
          `${pod}/app: Successfully pulled image "registry.example/shop/my-app:v1" in 2.1s (2.1s including waiting). Image size: 45200000 bytes.`,
      )
      .join('\n'),
  }),
  entry('thread-failed', 'failed', { kind: 'failed', text: 'Failed.', broadcast: true }),
  { name: 'confirm-approve', as: 'confirm', card: 'waiting-for-approval', press: 'Approve' },
  { name: 'confirm-roll-back', as: 'confirm', card: 'failed', press: 'Roll back' },
  { name: 'confirm-cancel', as: 'confirm', card: 'rolling-out', press: 'Cancel' },
  modal('details-before', detailsModal(storyOf('waiting-for-approval'))),
  modal('details-after', detailsModal(storyOf('succeeded'))),
  modal('reject', rejectModal({ channel: 'C0DEPLOYS1', value: `${storyOf('waiting-for-approval').id}.abc`, message: '1.000001' })),
  modal('request', requestModal({ channel: 'C0DEPLOYS1', app: 'my-app', environment: 'prod' })),
  { name: 'home', as: 'home', view: HOME },
];
