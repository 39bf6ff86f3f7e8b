import type { Block, Option } from '../../page-server/wire.ts';

/** What was pressed; with the chosen value for everything that is no button. */
export interface Pressed {
  element: InteractiveElement;
  blockId: string | undefined;
  value?: string | string[];
}

/** Where blocks live: a message, the App Home or a modal. Each sends presses its own way. */
export interface BlockHost {
  press(pressed: Pressed): Promise<void>;
  suggest(element: InteractiveElement, blockId: string | undefined, typed: string): Promise<Option[]>;
}

export type TextObject = { type: string; text: string };
export type Confirm = { title: TextObject; text: TextObject; confirm: TextObject; deny: TextObject; style?: string };

/** The union of every interactive element's fields that are read here; which of them are there depends on `type`. */
export interface InteractiveElement {
  type: string;
  action_id?: string;
  text?: TextObject;
  value?: string;
  url?: string;
  style?: string;
  confirm?: Confirm;
  accessibility_label?: string;
  placeholder?: TextObject;
  options?: Option[];
  option_groups?: { label: TextObject; options: Option[] }[];
  initial_option?: Option;
  initial_options?: Option[];
  initial_value?: string;
  initial_date?: string;
  initial_time?: string;
  initial_date_time?: number;
  initial_user?: string;
  initial_channel?: string;
  initial_conversation?: string;
  initial_users?: string[];
  initial_channels?: string[];
  initial_conversations?: string[];
  min_query_length?: number;
  multiline?: boolean;
  max_length?: number;
  min_length?: number;
  max_selected_items?: number;
  image_url?: string;
  alt_text?: string;
}

export const elementsOf = (block: Block): InteractiveElement[] =>
  Array.isArray(block['elements']) ? (block['elements'] as InteractiveElement[]) : [];
