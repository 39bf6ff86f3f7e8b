import type { App } from '@slack/bolt';
import { redact } from '../redact.ts';
import { makeActions } from './actions.ts';
import { onCommand } from './command.ts';
import type { ListenerDeps } from './deps.ts';
import { makeOptions } from './options.ts';
import { onShortcut } from './shortcut.ts';
import { onSubmit } from './views.ts';

const ANY = /[\s\S]*/;

/**
 * One listener per kind of payload, for every name: two that match would both run, and one that matches nothing is never acknowledged.
 * A bug in a listener must not leave the person with Slack's "did not respond": it is logged, and acknowledged without a word.
 */
export function register(app: App, deps: ListenerDeps): void {
  const guarded = async (kind: string, ack: () => Promise<void>, listen: () => Promise<void>): Promise<void> => {
    try {
      await listen();
    } catch (error) {
      deps.log.error({ kind, error: error instanceof Error ? redact(`${error.name}: ${error.message}`) : 'unknown' }, 'a listener failed');
      await ack().catch(() => undefined);
    }
  };
  const onOptions = makeOptions(deps);
  const onAction = makeActions(deps);
  app.command(ANY, async ({ body, ack }) => guarded('command', ack, () => onCommand(deps, body, (response) => ack(response))));
  app.action(ANY, async ({ body, ack }) => guarded('action', ack, () => onAction(body, ack)));
  app.options(ANY, async ({ body, ack }) =>
    guarded(
      'options',
      () => ack({ options: [] }),
      () => onOptions(body, (response) => ack(response)),
    ),
  );
  app.shortcut(ANY, async ({ body, ack }) => guarded('shortcut', ack, () => onShortcut(deps, body, ack)));
  app.view({ callback_id: ANY, type: 'view_submission' }, async ({ body, ack }) =>
    guarded('submit', ack, () => onSubmit(deps, body, (response) => (response === undefined ? ack() : ack(response)))),
  );
  app.view({ callback_id: ANY, type: 'view_closed' }, async ({ ack }) => ack());
}
