import { authTest, openConnection } from './app.ts';
import { remove, update as updateMessage } from './chat-change.ts';
import { getPermalink, postEphemeral, postMessage } from './chat-post.ts';
import * as conversations from './conversations.ts';
import type { Method } from './method.ts';
import { bot, groupMembers, groups, info as userInfo } from './people.ts';
import * as views from './views.ts';

/** Every method the local Slack speaks; all others answer `unknown_method`. */
export const METHODS: ReadonlyMap<string, Method> = new Map([
  ['auth.test', authTest],
  ['apps.connections.open', openConnection],
  ['chat.postMessage', postMessage],
  ['chat.postEphemeral', postEphemeral],
  ['chat.update', updateMessage],
  ['chat.delete', remove],
  ['chat.getPermalink', getPermalink],
  ['views.open', views.open],
  ['views.push', views.push],
  ['views.update', views.update],
  ['views.publish', views.publish],
  ['conversations.info', conversations.info],
  ['conversations.members', conversations.members],
  ['conversations.open', conversations.open],
  ['conversations.history', conversations.history],
  ['conversations.replies', conversations.replies],
  ['users.info', userInfo],
  ['bots.info', bot],
  ['usergroups.list', groups],
  ['usergroups.users.list', groupMembers],
]);
