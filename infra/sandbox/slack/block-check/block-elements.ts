import {
  anyText,
  boolean,
  both,
  byType,
  integer,
  isObject,
  list,
  oneOf,
  plainText,
  type Required,
  type Rule,
  required,
  shape,
  string,
} from './block-rules.ts';

type Fields = Readonly<Record<string, Rule | Required>>;

const type = required(string(50));
const action_id = string(255, { min: 1 });
const style = oneOf('primary', 'danger');
const url = string(3_000, { min: 1 });

const confirm = shape({
  title: plainText(100),
  text: required(anyText(300)),
  confirm: plainText(30),
  deny: plainText(30),
  style,
});
const option = (text: (max: number) => Rule, more: Fields = {}) =>
  shape({ text: required(text(75)), value: required(string(150, { min: 1 })), description: text(75), ...more });
const plainOption = option(plainText);
const richOption = option(anyText);

/** Rejects an initial choice that is not among the options, as Slack does. */
const initialAmongOptions: Rule = (value, place, report) => {
  if (!isObject(value)) return;
  const groups = Array.isArray(value['option_groups']) ? value['option_groups'] : [];
  const inGroups = groups.flatMap((group: unknown) =>
    isObject(group) && Array.isArray(group['options']) ? group['options'] : [],
  );
  const offered = [...(Array.isArray(value['options']) ? value['options'] : []), ...inGroups].map((one) =>
    JSON.stringify(one),
  );
  const initials = Array.isArray(value['initial_options']) ? value['initial_options'] : [value['initial_option']];
  for (const initial of initials) {
    if (initial !== undefined && !offered.includes(JSON.stringify(initial)))
      report('initial option is not among the options', place);
  }
};

const eitherOptions: Rule = (value, place, report) => {
  if (isObject(value) && (value['options'] === undefined) === (value['option_groups'] === undefined)) {
    report('needs exactly one of options and option_groups', place);
  }
};

const interactive = { type, action_id, confirm, focus_on_load: boolean } as const;
const menu = { ...interactive, placeholder: plainText(150) } as const;
const many = { ...menu, max_selected_items: integer(1, 100) } as const;
const choices = {
  options: list(100, plainOption),
  option_groups: list(100, shape({ label: required(plainText(75)), options: required(list(100, plainOption)) })),
} as const;
const conversations = {
  default_to_current_conversation: boolean,
  filter: shape({
    include: list(4, oneOf('im', 'mpim', 'private', 'public')),
    exclude_external_shared_channels: boolean,
    exclude_bot_users: boolean,
  }),
} as const;
const ids = list(100, string(255, { min: 1 }), 0);
const field = {
  type,
  action_id,
  placeholder: plainText(150),
  focus_on_load: boolean,
  dispatch_action_config: shape({ trigger_actions_on: list(2, oneOf('on_enter_pressed', 'on_character_entered')) }),
} as const;

/** An image, as a block or as an element, with the fields that only one of them has. */
export const imageWith = (more: Fields): Rule =>
  both(
    shape({
      type,
      image_url: url,
      slack_file: shape({ id: string(255, { min: 1 }), url }),
      alt_text: required(string(2_000, { min: 1 })),
      ...more,
    }),
    (value, place, report) => {
      if (isObject(value) && (value['image_url'] === undefined) === (value['slack_file'] === undefined)) {
        report('needs exactly one of image_url and slack_file', place);
      }
    },
  );
const image = imageWith({});

const BUTTON = {
  button: shape({
    type,
    action_id,
    confirm,
    text: required(plainText(75)),
    value: string(2_000),
    url,
    style,
    accessibility_label: string(75),
  }),
  overflow: shape({ type, action_id, confirm, options: required(list(5, option(plainText, { url }))) }),
} as const;

const SELECT = {
  static_select: both(shape({ ...menu, ...choices, initial_option: plainOption }), eitherOptions, initialAmongOptions),
  multi_static_select: both(
    shape({ ...many, ...choices, initial_options: list(100, plainOption) }),
    eitherOptions,
    initialAmongOptions,
  ),
  external_select: shape({ ...menu, initial_option: plainOption, min_query_length: integer(0, 1_000) }),
  multi_external_select: shape({
    ...many,
    initial_options: list(100, plainOption),
    min_query_length: integer(0, 1_000),
  }),
  users_select: shape({ ...menu, initial_user: string(255) }),
  multi_users_select: shape({ ...many, initial_users: ids }),
  conversations_select: shape({
    ...menu,
    ...conversations,
    initial_conversation: string(255),
    response_url_enabled: boolean,
  }),
  multi_conversations_select: shape({ ...many, ...conversations, initial_conversations: ids }),
  channels_select: shape({ ...menu, initial_channel: string(255), response_url_enabled: boolean }),
  multi_channels_select: shape({ ...many, initial_channels: ids }),
} as const;

const CHOICE = {
  checkboxes: both(
    shape({ ...interactive, options: required(list(10, richOption)), initial_options: list(10, richOption) }),
    initialAmongOptions,
  ),
  radio_buttons: both(
    shape({ ...interactive, options: required(list(10, richOption)), initial_option: richOption }),
    initialAmongOptions,
  ),
  datepicker: shape({ ...menu, initial_date: string(10, { form: /^\d{4}-\d{2}-\d{2}$/ }) }),
  timepicker: shape({ ...menu, initial_time: string(5, { form: /^\d{2}:\d{2}$/ }), timezone: string(100) }),
  datetimepicker: shape({ ...interactive, initial_date_time: integer(1_000_000_000, 9_999_999_999) }),
} as const;

const FIELD = {
  plain_text_input: shape({
    ...field,
    initial_value: string(3_000),
    multiline: boolean,
    min_length: integer(0, 3_000),
    max_length: integer(1, 3_000),
  }),
  email_text_input: shape({ ...field, initial_value: string(3_000) }),
  url_text_input: shape({ ...field, initial_value: string(3_000) }),
  number_input: shape({
    ...field,
    is_decimal_allowed: required(boolean),
    initial_value: string(100),
    min_value: string(100),
    max_value: string(100),
  }),
  file_input: shape({ type, action_id, filetypes: list(100, string(20)), max_files: integer(1, 10) }),
} as const;

/** What may stand in an actions block. */
export const actionElement = byType({ ...BUTTON, ...SELECT, ...CHOICE });
/** What may stand beside a section. */
export const accessory = byType({ ...BUTTON, ...SELECT, ...CHOICE, image });
/** What may stand in an input block. */
export const inputElement = byType({ ...SELECT, ...CHOICE, ...FIELD });
/** What may stand in a context block. */
export const contextElement: Rule = (value, place, report) =>
  isObject(value) && value['type'] === 'image' ? image(value, place, report) : anyText(3_000)(value, place, report);
