import { click } from './click.ts';
import { answerBot } from './answer-bot.ts';
import type { BotDeps } from './bot-deps.ts';
import { closeChannel } from './close-channel.ts';
import { followChannel } from './end-incident.ts';
import type { Intake } from './ports.ts';
import { runCommand } from './run-command.ts';
import { submit } from './submit.ts';

/** The `intake` job: what Slack delivered, decided here. The same delivery twice has the same key and does the same once. */
export async function handleIntake(deps: BotDeps, intake: Intake, key: string): Promise<void> {
  switch (intake.kind) {
    case 'command':
      return runCommand(deps, intake, key);
    case 'click':
      return click(deps, intake, key);
    case 'submit':
      return submit(deps, intake, key);
    case 'channel-changed':
      await closeChannel(deps, intake.channel);
      return followChannel(deps, intake.channel, intake.became);
    case 'bot-mention':
      return answerBot(deps, intake);
    case 'home':
      // Drawn by the listener when it is opened; nothing is decided.
      return;
  }
}
