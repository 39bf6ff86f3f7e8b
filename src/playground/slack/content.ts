/** What a message holds, checked as strictly as Slack does: shared by the chat methods, response URLs and acknowledgements. */
import { ApiError, badArgument, badPayload } from './api-error.ts';
import { type Args, json, text } from './args.ts';
import { withIds } from './block-ids.ts';
import { isObject } from './check.ts';
import { LIMITS, lengthOf } from './limits.ts';
import { encodeTyped } from './mentions.ts';
import type { Metadata } from './messages.ts';
import type { Hub } from './hub.ts';
import type { Block } from './types.ts';
import { validateBlocks } from './validate-blocks.ts';

/** Undefined where it was not given: an update leaves it as it is, or takes it away. */
export interface Content {
  text: string | undefined;
  blocks: Block[] | undefined;
  metadata: Metadata | null | undefined;
}

/**
 * Stricter than Slack in two places, on purpose: `text` is required beside `blocks` (screen readers and notifications have nothing else),
 * and attachments are refused (the local Slack does not show them).
 */
export function readContent(hub: Hub, args: Args): Content {
  if (args['attachments'] !== undefined && args['attachments'] !== '[]') {
    throw badArgument('the local Slack does not show attachments: use blocks', '/attachments');
  }
  const markdown = text(args, 'markdown_text');
  const blocks = json(args, 'blocks', 'invalid_blocks_format');
  const plain = readText(hub, args);
  if (markdown !== undefined) {
    if (plain !== undefined || blocks !== undefined) throw new ApiError('markdown_text_conflict');
    if (lengthOf(markdown) > LIMITS.message.mrkdwnBlock) throw new ApiError('msg_too_long');
    return { text: markdown, blocks: withIds([{ type: 'markdown', text: markdown }], hub.random), metadata: readMetadata(args) };
  }
  const hasBlocks = Array.isArray(blocks) ? blocks.length > 0 : blocks !== undefined;
  if (hasBlocks) {
    if (!Array.isArray(blocks)) throw new ApiError('invalid_blocks_format');
    const problems = validateBlocks(blocks, 'message');
    if (problems.length > 0) throw badPayload('invalid_blocks', problems);
    if (plain === undefined) throw new ApiError('no_text', { response_metadata: { messages: ['[ERROR] blocks need a text beside them'] } });
  }
  return {
    text: plain,
    blocks: hasBlocks && Array.isArray(blocks) ? withIds(blocks, hub.random) : undefined,
    metadata: readMetadata(args),
  };
}

/** Text over 40 000 characters is cut, as Slack does. `link_names` and `parse: full` make names into mentions. */
function readText(hub: Hub, args: Args): string | undefined {
  const given = text(args, 'text');
  if (given === undefined || given.trim() === '') return undefined;
  const linked = text(args, 'link_names') === 'true' || text(args, 'link_names') === '1' || text(args, 'parse') === 'full';
  const whole = linked ? encodeTyped(given, hub.directory) : given;
  return lengthOf(whole) > LIMITS.message.text ? Array.from(whole).slice(0, LIMITS.message.text).join('') : whole;
}

function readMetadata(args: Args): Metadata | null | undefined {
  const given = json(args, 'metadata', 'invalid_metadata_format');
  if (given === undefined) return undefined;
  if (!isObject(given)) throw new ApiError('invalid_metadata_format');
  if (Object.keys(given).length === 0) return null;
  const { event_type: type, event_payload: payload, ...rest } = given;
  if (typeof type !== 'string' || type === '' || !isObject(payload) || Object.keys(rest).length > 0) {
    throw new ApiError('invalid_metadata_schema');
  }
  if (!Object.values(payload).every(isFlat)) throw new ApiError('invalid_metadata_schema');
  if (Buffer.byteLength(JSON.stringify(given)) > LIMITS.message.metadataBytes) throw new ApiError('metadata_too_large');
  return { event_type: type, event_payload: payload };
}

/** Values of a payload: scalars, lists, objects of scalars; null is none. */
const isFlat = (value: unknown): boolean =>
  ['string', 'number', 'boolean'].includes(typeof value) ||
  (Array.isArray(value) && value.every(isFlat)) ||
  (isObject(value) && Object.values(value).every(isFlat));
