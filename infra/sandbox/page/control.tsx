import type { VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { Menu } from './menu.tsx';
import type { Block } from './page-state.ts';
import { Names, TextObject } from './mrkdwn.tsx';

export interface ControlProps {
  readonly element: Block;
  readonly value: Block;
  /** An input block's label names it already. */
  readonly isLabelled: boolean;
  send(chosen: Block): void;
  choose(chosen: Block): void;
}

/** Shows the element itself: button, menu, select, choice or text field. */
export function Control(props: ControlProps): VNode {
  const { element, send } = props;
  switch (element['type']) {
    case 'button':
      return (
        <button
          type="button"
          class={`button ${String(element['style'] ?? '')}`}
          onClick={() => send({ value: element['value'], text: element['text'] })}
        >
          <TextObject text={element['text']} />
        </button>
      );
    case 'overflow':
      return <Overflow element={element} onPick={(option) => send({ selected_option: option })} />;
    case 'static_select':
      return <Select {...props} />;
    case 'users_select':
      return <UserSelect {...props} />;
    case 'radio_buttons':
    case 'checkboxes':
    case 'multi_static_select':
      return <Choices {...props} />;
    case 'plain_text_input':
      return <TextInput {...props} />;
    case 'image':
      return (
        <span class="image" title={String(element['alt_text'] ?? '')}>
          ▣
        </span>
      );
    default:
      return <span class="unknown">[{String(element['type'])}]</span>;
  }
}

const optionsOf = (element: Block): Block[] => [
  ...((element['options'] as Block[] | undefined) ?? []),
  ...((element['option_groups'] as Block[] | undefined) ?? []).flatMap((group) => group['options'] as Block[]),
];

function Overflow({ element, onPick }: { readonly element: Block; onPick(option: Block): void }): VNode {
  const options = optionsOf(element);
  return (
    <Menu
      label="More actions"
      items={options.map((option) => ({ key: String(option['value']), show: <TextObject text={option['text']} /> }))}
      pick={(key) => {
        const option = options.find((each) => each['value'] === key);
        if (option !== undefined) onPick(option);
      }}
    />
  );
}

/** What a select is called where no input block gives it a label. */
const nameOf = (element: Block): string | undefined => element['placeholder']?.['text'] as string | undefined;

type FieldProps = Omit<ControlProps, 'send'>;

function Select({ element, value, isLabelled, choose }: FieldProps): VNode {
  const options = optionsOf(element);
  const selected = (value['selected_option'] ?? element['initial_option']) as Block | undefined;
  return (
    <select
      class="select"
      aria-label={isLabelled ? undefined : nameOf(element)}
      value={String(selected?.['value'] ?? '')}
      onChange={(event) => {
        const option = options.find((each) => each['value'] === event.currentTarget.value);
        if (option !== undefined) choose({ selected_option: option });
      }}
    >
      <option value="" disabled>
        {String(element['placeholder']?.['text'] ?? 'Choose')}
      </option>
      {options.map((option) => (
        <option key={option['value']} value={option['value']}>
          {String(option['text']?.['text'] ?? '')}
        </option>
      ))}
    </select>
  );
}

function UserSelect({ element, value, isLabelled, choose }: FieldProps): VNode {
  const people = [...useContext(Names)].filter(([id]) => id.startsWith('U'));
  return (
    <select
      class="select"
      aria-label={isLabelled ? undefined : nameOf(element)}
      value={String(value['selected_user'] ?? element['initial_user'] ?? '')}
      onChange={(event) => choose({ selected_user: event.currentTarget.value })}
    >
      <option value="" disabled>
        {String(element['placeholder']?.['text'] ?? 'Choose a person')}
      </option>
      {people.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Choices({ element, value, choose }: FieldProps): VNode {
  const isMany = element['type'] !== 'radio_buttons';
  const picked = (
    isMany
      ? (value['selected_options'] ?? element['initial_options'] ?? [])
      : [value['selected_option'] ?? element['initial_option']]
  ) as (Block | undefined)[];
  const has = (option: Block): boolean => picked.some((each) => each?.['value'] === option['value']);
  const toggle = (option: Block): void => {
    if (!isMany) return choose({ selected_option: option });
    const rest = picked.filter((each) => each !== undefined && each['value'] !== option['value']);
    choose({ selected_options: has(option) ? rest : [...rest, option] });
  };
  const isFull = isMany && picked.length >= Number(element['max_selected_items'] ?? Infinity);
  return (
    <span class={`choices ${element['type'] === 'multi_static_select' ? 'many' : ''}`}>
      {optionsOf(element).map((option) => (
        <label key={option['value']}>
          <input
            type={isMany ? 'checkbox' : 'radio'}
            name={String(element['action_id'])}
            checked={has(option)}
            disabled={isFull && !has(option)}
            onChange={() => toggle(option)}
          />
          <TextObject text={option['text']} />
        </label>
      ))}
    </span>
  );
}

function TextInput({ element, value, choose }: FieldProps): VNode {
  const props = {
    value: String(value['value'] ?? element['initial_value'] ?? ''),
    placeholder: String(element['placeholder']?.['text'] ?? ''),
    maxLength: Number(element['max_length'] ?? 3000),
    onInput: (event: { readonly currentTarget: { readonly value: string } }) =>
      choose({ value: event.currentTarget.value }),
  };
  return element['multiline'] === true ? <textarea rows={5} {...props} /> : <input type="text" {...props} />;
}
