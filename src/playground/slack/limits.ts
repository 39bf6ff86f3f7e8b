/**
 * Slack's limits, in characters, items or bytes. Source: docs.slack.dev reference pages and the JSDoc of @slack/types 3.2; where the two
 * differ the smaller number is used, because a payload that keeps to it passes everywhere. A JavaScript string's length counts UTF-16
 * units, Slack counts code points: `lengthOf` does too.
 */
export const LIMITS = {
  message: { blocks: 50, text: 40_000, updateText: 4_000, metadataBytes: 8_000, attachments: 100, mrkdwnBlock: 12_000, tableText: 10_000 },
  view: { blocks: 100, title: 24, button: 24, privateMetadata: 3_000, callbackId: 255, externalId: 255, bytes: 250_000, stack: 3 },
  section: { text: 3_000, fields: 10, field: 2_000 },
  header: 150,
  context: 10,
  contextActions: 5,
  actions: 25,
  image: { url: 3_000, alt: 2_000, title: 2_000 },
  input: { label: 2_000, hint: 2_000 },
  button: { text: 75, value: 2_000, url: 3_000, accessibility: 75 },
  id: 255,
  confirm: { title: 100, text: 300, button: 30 },
  option: { text: 75, description: 75, value: 75, url: 3_000 },
  select: { options: 100, groups: 100, groupLabel: 75 },
  overflow: 5,
  choices: 10,
  placeholder: 150,
  textInput: 3_000,
  table: { rows: 100, cells: 20, columns: 20 },
  card: { title: 150, subtitle: 150, body: 200, actions: 3 },
  carousel: 10,
  container: { title: 150, children: 10 },
  alert: 200,
  responseUrl: { uses: 5, ms: 30 * 60_000 },
  triggerMs: 3_000,
  connections: 10,
} as const;

export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}
