/** Composition objects and interactive elements of Block Kit. */
import { all, boolean, byType, type Check, isObject, list, matching, object, oneOf, rule, string, whole } from './check.ts';
import { LIMITS } from './limits.ts';

const type = (name: string): Check => oneOf(name);
const textFields = (max: number, min: number) => string(max, min);

export const plainText = (max: number, min = 1): Check =>
  all(object({ type: type('plain_text'), text: textFields(max, min) }, { emoji: boolean }));
export const mrkdwn = (max: number): Check => object({ type: type('mrkdwn'), text: textFields(max, 1) }, { verbatim: boolean });
export const anyText = (max: number): Check => byType({ plain_text: plainText(max), mrkdwn: mrkdwn(max) });

const confirm = object(
  { text: anyText(LIMITS.confirm.text) },
  {
    title: plainText(LIMITS.confirm.title),
    confirm: plainText(LIMITS.confirm.button),
    deny: plainText(LIMITS.confirm.button),
    style: oneOf('primary', 'danger'),
  },
);

const option = (text: (max: number) => Check, extra: Record<string, Check> = {}): Check =>
  object(
    { text: text(LIMITS.option.text), value: string(LIMITS.option.value, 1) },
    { description: text(LIMITS.option.description), ...extra },
  );
const plainOption = option(plainText);
const richOption = option(anyText);
const overflowOption = option(plainText, { url: string(LIMITS.option.url, 1) });
const optionGroup = object({ label: plainText(LIMITS.select.groupLabel), options: list(plainOption, LIMITS.select.options) });

const id = string(LIMITS.id, 1);
const placeholder = plainText(LIMITS.placeholder);
const anId = string(LIMITS.id, 1);
const dispatch = object({}, { trigger_actions_on: list(oneOf('on_enter_pressed', 'on_character_entered'), 2) });

const element = (name: string, required: Record<string, Check>, optional: Record<string, Check>): Check =>
  object({ type: type(name), ...required }, { action_id: id, ...optional });

const eitherOptions = rule((value) =>
  (value['options'] === undefined) === (value['option_groups'] === undefined)
    ? 'must provide exactly one of options and option_groups'
    : undefined,
);
/** An initial option has to be one of the options, whole. */
const initialIsOffered = rule((value) => {
  const flat = [value['options'], ...asList(value['option_groups']).map((group) => (isObject(group) ? group['options'] : []))].flatMap(
    asList,
  );
  const offered = new Set(flat.map((entry) => JSON.stringify(entry)));
  const initial = [value['initial_option'], ...asList(value['initial_options'])].filter((entry) => entry !== undefined);
  return initial.some((entry) => !offered.has(JSON.stringify(entry))) ? 'initial option is not one of the options' : undefined;
});
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const choice = { confirm, focus_on_load: boolean, placeholder };
const many = { ...choice, max_selected_items: whole(1, 100) };
const filter = object(
  {},
  { include: list(oneOf('im', 'mpim', 'private', 'public'), 4), exclude_external_shared_channels: boolean, exclude_bot_users: boolean },
);
const statics = { options: list(plainOption, LIMITS.select.options), option_groups: list(optionGroup, LIMITS.select.groups) };
const text = (name: string, extra: Record<string, Check> = {}, required: Record<string, Check> = {}): Check =>
  element(name, required, {
    initial_value: string(LIMITS.textInput),
    dispatch_action_config: dispatch,
    focus_on_load: boolean,
    placeholder,
    ...extra,
  });

export const button = element(
  'button',
  { text: plainText(LIMITS.button.text) },
  {
    value: string(LIMITS.button.value),
    url: string(LIMITS.button.url, 1),
    style: oneOf('primary', 'danger'),
    confirm,
    accessibility_label: string(LIMITS.button.accessibility, 1),
  },
);

export const image = object({ type: type('image'), image_url: string(LIMITS.image.url, 1), alt_text: string(LIMITS.image.alt, 1) });

const selects: Record<string, Check> = {
  static_select: all(element('static_select', {}, { ...statics, ...choice, initial_option: plainOption }), eitherOptions, initialIsOffered),
  external_select: element('external_select', {}, { ...choice, initial_option: plainOption, min_query_length: whole(0, 100) }),
  users_select: element('users_select', {}, { ...choice, initial_user: anId }),
  conversations_select: element(
    'conversations_select',
    {},
    { ...choice, initial_conversation: anId, default_to_current_conversation: boolean, filter, response_url_enabled: boolean },
  ),
  channels_select: element('channels_select', {}, { ...choice, initial_channel: anId, response_url_enabled: boolean }),
  multi_static_select: all(
    element('multi_static_select', {}, { ...statics, ...many, initial_options: list(plainOption, LIMITS.select.options) }),
    eitherOptions,
    initialIsOffered,
  ),
  multi_external_select: element(
    'multi_external_select',
    {},
    { ...many, initial_options: list(plainOption, LIMITS.select.options), min_query_length: whole(0, 100) },
  ),
  multi_users_select: element('multi_users_select', {}, { ...many, initial_users: list(anId, 100) }),
  multi_conversations_select: element(
    'multi_conversations_select',
    {},
    { ...many, initial_conversations: list(anId, 100), default_to_current_conversation: boolean, filter },
  ),
  multi_channels_select: element('multi_channels_select', {}, { ...many, initial_channels: list(anId, 100) }),
};

const choosers: Record<string, Check> = {
  ...selects,
  checkboxes: all(
    element(
      'checkboxes',
      { options: list(richOption, LIMITS.choices) },
      { confirm, focus_on_load: boolean, initial_options: list(richOption, LIMITS.choices) },
    ),
    initialIsOffered,
  ),
  radio_buttons: all(
    element(
      'radio_buttons',
      { options: list(richOption, LIMITS.choices) },
      { confirm, focus_on_load: boolean, initial_option: richOption },
    ),
    initialIsOffered,
  ),
  datepicker: element('datepicker', {}, { ...choice, initial_date: matching(/^\d{4}-\d{2}-\d{2}$/, 'a date, YYYY-MM-DD') }),
  timepicker: element('timepicker', {}, { ...choice, initial_time: matching(/^\d{2}:\d{2}$/, 'a time, HH:mm'), timezone: string(100, 1) }),
};
const datetime = element('datetimepicker', {}, { confirm, focus_on_load: boolean, initial_date_time: whole(1_000_000_000, 9_999_999_999) });
const overflow = element('overflow', { options: list(overflowOption, LIMITS.overflow) }, { confirm });

/** In an actions block. */
export const actionElement = byType({ ...choosers, button, datetimepicker: datetime, overflow });
/** Beside a section. */
export const accessory = byType({ ...choosers, button, overflow, image });
/** In an input block. */
export const inputElement = byType({
  ...choosers,
  datetimepicker: datetime,
  plain_text_input: text('plain_text_input', {
    multiline: boolean,
    min_length: whole(0, LIMITS.textInput),
    max_length: whole(1, LIMITS.textInput),
  }),
  email_text_input: text('email_text_input'),
  url_text_input: text('url_text_input'),
  number_input: text('number_input', { min_value: string(50), max_value: string(50) }, { is_decimal_allowed: boolean }),
});
export const contextElement = byType({ plain_text: plainText(LIMITS.section.text), mrkdwn: mrkdwn(LIMITS.section.text), image });
export const iconButton = element(
  'icon_button',
  { icon: string(50, 1), text: plainText(LIMITS.button.text) },
  {
    value: string(LIMITS.button.value),
    accessibility_label: string(LIMITS.button.accessibility, 1),
    confirm,
    visible_to_user_ids: list(anId, 100),
  },
);
