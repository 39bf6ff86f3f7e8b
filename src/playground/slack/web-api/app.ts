/** auth.test and apps.connections.open. */
import { ApiError } from '../api-error.ts';
import type { Method } from './method.ts';

export const authTest: Method = {
  scopes: [],
  tier: 'special',
  token: 'any',
  run(hub, _args, caller) {
    if (caller.token.kind === 'app') return { app_name: hub.app.name, app_id: hub.app.appId };
    return {
      url: `https://${hub.directory.domain}.slack.com/`,
      team: hub.directory.name,
      user: hub.app.name,
      team_id: hub.directory.teamId,
      user_id: hub.app.botUserId,
      bot_id: hub.app.botId,
      is_enterprise_install: false,
    };
  },
};

export const openConnection: Method = {
  scopes: ['connections:write'],
  tier: 'connect',
  token: 'app',
  run(hub) {
    const url = hub.socketUrl();
    if (url === undefined) throw new ApiError('too_many_websockets');
    return { url };
  },
};
