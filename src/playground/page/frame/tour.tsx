import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ClusterPanel, MessageView, Tour as TourFacts } from '../../page-server/wire.ts';
import { usePage } from '../live/context.ts';
import { Icon } from './icons.tsx';

/** A card begins with its state in words; these are the ones the tour waits for. */
const ASKED = /Planning|Waiting for approval|Queued|Rolling out|Succeeded|Failed/;
const APPROVED = /Queued|Rolling out|Succeeded|Failed/;
const DONE = /Succeeded|Failed/;

export interface TourActions {
  push: () => void;
  write: (text: string) => void;
  become: (userId: string) => void;
}

/** Which steps are done, judged by what is on the page and not by what was clicked. */
function stepsDone(facts: TourFacts, before: ClusterPanel | undefined, now: ClusterPanel | undefined, messages: MessageView[]): boolean[] {
  const digest = (panel: ClusterPanel | undefined): string | undefined => panel?.tags.find((tag) => tag.ref === facts.ref)?.digest;
  const cards = messages
    .filter((message) => message.isBot && !message.ephemeral && message.text.includes(facts.app))
    .map((message) => message.text);
  const asked = cards.some((card) => ASKED.test(card));
  const approved = cards.some((card) => APPROVED.test(card));
  const done = cards.some((card) => DONE.test(card));
  return [asked || (digest(before) !== undefined && digest(before) !== digest(now)), asked, approved, done];
}

/** The first minute in four steps, in one line above the channel. */
export function Tour({
  facts,
  panel,
  messages,
  actions,
  close,
}: {
  facts: TourFacts;
  panel: ClusterPanel | undefined;
  messages: MessageView[];
  actions: TourActions;
  close: () => void;
}): ReactNode {
  const { actor, workspace } = usePage();
  const first = useRef<ClusterPanel>(undefined);
  first.current ??= panel;
  const [reached, setReached] = useState([false, false, false, false]);
  const seen = stepsDone(facts, first.current, panel, messages);
  const key = seen.join();
  useEffect(() => setReached((before) => before.map((was, index) => was || seen[index] === true)), [key]);

  const nameOf = (id: string): string => workspace.users.find((user) => user.id === id)?.realName.split(' ')[0] ?? id;
  const command = `/repull ${facts.app} ${facts.environment}`;
  const isRequester = actor.id === facts.requester;
  const steps: { title: string; say: string; button?: string; act?: () => void }[] = [
    {
      title: 'Push a build',
      say: 'under the same tag',
      button: 'Push new build',
      act: actions.push,
    },
    {
      title: 'Ask for it',
      say: `type ${command}`,
      button: isRequester ? 'Write it for me' : `Become ${nameOf(facts.requester)}`,
      act: () => (isRequester ? actions.write(command) : actions.become(facts.requester)),
    },
    actor.id === facts.approver
      ? { title: 'Approve', say: 'press Approve on the card' }
      : {
          title: 'Approve',
          say: 'as somebody else',
          button: `Become ${nameOf(facts.approver)}`,
          act: () => actions.become(facts.approver),
        },
    { title: 'Watch the proof', say: 'in the thread, then on the card: old digest → new digest' },
  ];
  const current = reached.indexOf(false);
  return (
    <div className="tour" role="region" aria-label="What to try">
      <ol>
        {(current === -1 ? [] : steps).map((step, index) => {
          const state = reached[index] ? 'done' : index === current ? 'current' : 'later';
          return (
            <li key={step.title} className={state} aria-current={state === 'current' ? 'step' : undefined}>
              <span className="step-number">{reached[index] ? <Icon name="check" size={13} /> : index + 1}</span>
              <span className="step-words">
                <b>{step.title}</b>
                {state === 'current' && <span>{step.say}</span>}
              </span>
              {state === 'current' && step.button && step.act && (
                <button type="button" className="button primary" onClick={step.act}>
                  {step.button}
                </button>
              )}
            </li>
          );
        })}
        {current === -1 && (
          <li className="done all">
            <span className="step-number">
              <Icon name="check" size={13} />
            </span>
            That was it. Next: push a crashing build, try to approve your own request, or type /repull help
          </li>
        )}
      </ol>
      <button type="button" className="plain-button" aria-label="Hide what to try" onClick={close}>
        <Icon name="close" size={16} />
      </button>
    </div>
  );
}
