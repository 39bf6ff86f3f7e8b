import type { AppsManifestCreateArguments } from '@slack/web-api';
import { stringify } from 'yaml';
import { fine, type Outcome, wrongUsage } from '../config/outcome.ts';
import { SHORTCUT } from './render/modal-request.ts';

type Manifest = AppsManifestCreateArguments['manifest'];

/** Why each is asked for stands beside it; a test holds this list against the calls that are made. */
export const SCOPES = {
  commands: '/repull and the message shortcut',
  'chat:write': 'cards, threads, answers to one person',
  'app_mentions:read': '@repull in threads, where slash commands do not work',
  'users:read': 'guests, bots, deactivated and outside people may do nothing',
  'usergroups:read': 'who is in the groups that the policy names',
  'channels:read': 'public channels: archived, or shared with others',
  'groups:read': 'private channels: archived, or shared with others',
} as const;
const EXACTLY_ONCE_SCOPES = {
  'channels:history': 'find a card whose posting was answered by a lost reply',
  'groups:history': 'the same in private channels',
} as const;

const EVENTS = [
  'app_mention',
  'app_home_opened',
  'app_uninstalled',
  'tokens_revoked',
  'subteam_members_changed',
  'subteam_updated',
  'channel_archive',
  'channel_shared',
  'channel_unshared',
  'channel_id_changed',
  'group_archive',
] as const;

const DESCRIPTION = 'Makes Kubernetes fetch a container image again, and proves that it did.';

/** In Slack's own shape. Socket Mode; for HTTP mode its last lines say what to change. */
export function slackManifest(exactlyOnce: boolean): Manifest {
  return {
    _metadata: { major_version: 1, minor_version: 1 },
    display_information: {
      name: 'repull',
      description: DESCRIPTION,
      long_description:
        `${DESCRIPTION} Type /repull APP ENVIRONMENT in a channel: repull plans what would really make every pod fetch its image, asks for ` +
        'approval where your policy says so, follows the rollout pod by pod in the thread, and ends with the digest that ran before, the digest ' +
        'that the registry holds, and the digest that runs now.',
      background_color: '#1f3a5f',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: 'repull', always_online: true },
      shortcuts: [
        {
          name: 'Repull from here',
          type: 'message',
          callback_id: SHORTCUT,
          description: 'Plan a repull of the app that this message is about',
        },
      ],
      slash_commands: [
        {
          command: '/repull',
          description: 'Make every pod fetch its image again',
          usage_hint: 'my-app prod [--reason "…"] | check | status | rollback | help',
          should_escape: true,
        },
      ],
    },
    oauth_config: { scopes: { bot: [...names(SCOPES), ...(exactlyOnce ? names(EXACTLY_ONCE_SCOPES) : [])] } },
    settings: {
      event_subscriptions: { bot_events: [...EVENTS] },
      interactivity: { is_enabled: true },
      org_deploy_enabled: false,
      socket_mode_enabled: true,
      token_rotation_enabled: false,
    },
  };
}

const names = <T extends object>(of: T): (keyof T)[] => Object.keys(of) as (keyof T)[];

const HTTP_MODE = `
# For HTTP mode: socket_mode_enabled: false, and the address of your bot (https://…/slack/events) as
# slash_commands[0].url, event_subscriptions.request_url, interactivity.request_url and interactivity.message_menu_options_url.
`;

/** `repull manifest [--exactly-once]`. */
export function manifest(args: readonly string[]): Outcome {
  const exactlyOnce = args[0] === '--exactly-once';
  if (args.length > 1 || (args.length === 1 && !exactlyOnce)) return wrongUsage('Usage: repull manifest [--exactly-once]');
  return fine(`${stringify(slackManifest(exactlyOnce), { lineWidth: 0 })}${HTTP_MODE}`);
}
