/**
 * Every key of ours, under one hash tag: the scripts touch several keys, and on a Redis Cluster they must share a slot with each other and with the
 * queues, whose prefix is the same tag.
 */
const PREFIX = '{repull}';

const key = (...parts: string[]): string => [PREFIX, ...parts].join(':');

/** Names come from people; encoded, so that `a/b` + `c` and `a` + `b/c` are two places. */
export const placeOfApp = (app: string, environment: string): string => `${encodeURIComponent(app)}/${encodeURIComponent(environment)}`;

export const keys = {
  request: (id: string) => key('request', id),
  milestones: (id: string) => key('milestones', id),
  actions: (id: string) => key('actions', id),
  evidence: (id: string) => key('evidence', id),
  memory: (id: string) => key('memory', id),
  delivery: (id: string) => key('delivery', id),
  line: (workload: string) => key('line', workload),
  open: (cluster?: string) => (cluster === undefined ? key('open') : key('open', cluster)),
  changed: (app: string, environment: string) => key('changed', placeOfApp(app, environment)),
  index: (name: string) => key(name),
  dirty: key('dirty'),
  claims: key('claims'),
  audit: key('audit'),
  freezes: key('freezes'),
  incidents: key('incidents'),
  switched: (actionId: string) => key('switched', actionId),
  inquiry: (id: string) => key('inquiry', id),
  inquiryAnswer: (id: string) => key('inquiry-answer', id),
  announcement: (id: string) => key('announcement', id),
};

/** The budget of Slack: `update` or a channel, or `all`. */
export const slackKeys = (what: string, name: string): string => key('slack-budget', what, name);

/** Names (without prefix) of the time-ordered indexes; each request is in several, so that a listing can walk the narrowest. */
export const indexes = {
  time: 'by-time',
  app: (app: string) => `by-app:${encodeURIComponent(app)}`,
  place: (app: string, environment: string) => `by-place:${placeOfApp(app, environment)}`,
  requester: (user: string) => `by-requester:${encodeURIComponent(user)}`,
};
