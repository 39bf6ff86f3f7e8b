/** What an element holds: in the shape in which Slack reports it in `state.values` and in `actions`. */
import { isObject } from './check.ts';
import { lengthOf } from './limits.ts';
import type { FieldValue, Option } from './types.ts';

export type ElementValue = Record<string, unknown>;
type Element = Record<string, unknown>;

/** Under which key a type reports its choice, and under which an element gives its first one. */
const KEYS: Record<string, { value: string; initial: string; many?: true }> = {
  plain_text_input: { value: 'value', initial: 'initial_value' },
  email_text_input: { value: 'value', initial: 'initial_value' },
  url_text_input: { value: 'value', initial: 'initial_value' },
  number_input: { value: 'value', initial: 'initial_value' },
  static_select: { value: 'selected_option', initial: 'initial_option' },
  external_select: { value: 'selected_option', initial: 'initial_option' },
  radio_buttons: { value: 'selected_option', initial: 'initial_option' },
  overflow: { value: 'selected_option', initial: '' },
  users_select: { value: 'selected_user', initial: 'initial_user' },
  conversations_select: { value: 'selected_conversation', initial: 'initial_conversation' },
  channels_select: { value: 'selected_channel', initial: 'initial_channel' },
  datepicker: { value: 'selected_date', initial: 'initial_date' },
  timepicker: { value: 'selected_time', initial: 'initial_time' },
  datetimepicker: { value: 'selected_date_time', initial: 'initial_date_time' },
  checkboxes: { value: 'selected_options', initial: 'initial_options', many: true },
  multi_static_select: { value: 'selected_options', initial: 'initial_options', many: true },
  multi_external_select: { value: 'selected_options', initial: 'initial_options', many: true },
  multi_users_select: { value: 'selected_users', initial: 'initial_users', many: true },
  multi_conversations_select: { value: 'selected_conversations', initial: 'initial_conversations', many: true },
  multi_channels_select: { value: 'selected_channels', initial: 'initial_channels', many: true },
};

const typeOf = (element: Element): string => (typeof element['type'] === 'string' ? element['type'] : '');
const keysOf = (element: Element): { value: string; initial: string; many?: true } => {
  const keys = KEYS[typeOf(element)];
  if (keys === undefined) throw new Error(`a ${typeOf(element)} holds no value`);
  return keys;
};

/** Has this element a place in `state.values`? Buttons and overflow menus have not. */
export const holdsValue = (element: Element): boolean => typeOf(element) in KEYS && typeOf(element) !== 'overflow';

export function initialValue(element: Element): ElementValue {
  const keys = keysOf(element);
  return { type: element['type'], [keys.value]: element[keys.initial] ?? (keys.many ? [] : null) };
}

/** The options an element offers: its own, its groups', or what the app offered last for an external one. */
export function optionsOf(element: Element, offered: readonly Option[] = []): Option[] {
  const lists = [
    element['options'],
    ...(Array.isArray(element['option_groups']) ? element['option_groups'] : []).map((group: unknown) =>
      isObject(group) ? group['options'] : [],
    ),
  ];
  return [...lists.flatMap((list: unknown): Option[] => (Array.isArray(list) ? list.filter(isOption) : [])), ...offered];
}
export const isOption = (value: unknown): value is Option =>
  isObject(value) && typeof value['value'] === 'string' && isObject(value['text']) && typeof value['text']['text'] === 'string';

/** What the element reports after somebody put this in. Throws where a person could not: an option that is not offered, a list for one choice. */
export function valueFor(element: Element, given: FieldValue, offered: readonly Option[] = []): ElementValue {
  const keys = keysOf(element);
  const type = typeOf(element);
  const one = (entry: string): unknown => (keys.value.startsWith('selected_option') ? pick(element, entry, offered) : entry);
  if (keys.many) {
    const list = given === undefined ? [] : Array.isArray(given) ? given : [given];
    const max = element['max_selected_items'];
    if (typeof max === 'number' && list.length > max) throw new Error(`no more than ${max} may be chosen`);
    return { type, [keys.value]: list.map(one) };
  }
  if (Array.isArray(given)) throw new Error(`a ${type} takes one value`);
  if (given === undefined || (given === '' && keys.value === 'value')) return { type, [keys.value]: null };
  return { type, [keys.value]: type === 'datetimepicker' ? Number(given) : one(given) };
}

function pick(element: Element, wanted: string, offered: readonly Option[]): Option {
  const options = optionsOf(element, offered);
  const found = options.find((option) => option.value === wanted) ?? options.find((option) => option.text.text === wanted);
  if (found !== undefined) return found;
  const known = options.map((option) => option.value).join(', ');
  throw new Error(
    `"${wanted}" is not offered${typeOf(element).includes('external') ? ' (ask with suggest() first)' : ''}; there is: ${known || 'nothing'}`,
  );
}

function isEmpty(element: Element, value: ElementValue): boolean {
  const held = value[keysOf(element).value];
  return held === null || held === undefined || held === '' || (Array.isArray(held) && held.length === 0);
}

/** What the client itself objects to before anything is sent. */
export function clientError(element: Element, value: ElementValue, optional: boolean): string | undefined {
  if (isEmpty(element, value)) return optional ? undefined : 'Please complete this required field.';
  const held = value['value'];
  if (typeof held !== 'string') return undefined;
  const { min_length: min, max_length: max } = element;
  if (typeof min === 'number' && lengthOf(held) < min) return `Please enter at least ${min} characters.`;
  if (typeof max === 'number' && lengthOf(held) > max) return `Please enter no more than ${max} characters.`;
  if (element['type'] === 'number_input' && !/^-?\d+(\.\d+)?$/.test(held)) return 'Please enter a number.';
  if (element['type'] === 'email_text_input' && !/^\S+@\S+\.\S+$/.test(held)) return 'Please enter a valid email.';
  if (element['type'] === 'url_text_input' && !/^https?:\/\/\S+$/.test(held)) return 'Please enter a valid URL.';
  return undefined;
}
