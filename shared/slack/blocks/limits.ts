/**
 * What Slack takes in one message, window or Home tab, in characters or items: the one place of these numbers, read by
 * whatever renders and by the tests that hold every message to them. Beside each group is where it is told. A number
 * that no document settles is the smaller of those that circulate.
 */
export const LIMITS = {
  // https://docs.slack.dev/reference/block-kit/blocks
  blocks: 50,
  homeBlocks: 100,
  // https://docs.slack.dev/reference/block-kit/blocks/section-block, context-block, header-block, actions-block
  section: 3000,
  context: 3000,
  header: 150,
  actions: 25,
  // https://docs.slack.dev/reference/block-kit/block-elements/button-element; a value is encrypted when it is
  // sent (encrypt-values.ts), which takes four characters for three bytes, and 29 for mark and MAC
  buttonText: 75,
  buttonValue: Math.floor(((2000 - 29) * 3) / 4),
  // https://docs.slack.dev/reference/block-kit/composition-objects/option-object; `@slack/types`, PlainTextOption
  options: 100,
  optionText: 75,
  optionValue: Math.floor(((150 - 29) * 3) / 4),
  // An option in a form: it is sent with the form, as it is.
  chosenValue: 150,
  placeholder: 150,
  // https://docs.slack.dev/reference/block-kit/blocks/data-table-block: the page by `@slack/types`, DataTableBlock; rows by
  // the document, the head counted (libraries say 200); columns and characters by the Slack adapter of github.com/vercel/chat
  tableRows: 100,
  tableColumns: 20,
  tableCharacters: 10_000,
  tablePage: 100,
  // one table a message: said of `table` (github.com/netclaw-dev/netclaw#55), taken to hold for both kinds
  tables: 1,
  // all that is read in a message's blocks: refused at about 13,200 (github.com/slackapi/bolt-js#2509)
  words: 13_000,
  // https://docs.slack.dev/reference/block-kit/blocks/container-block; `@slack/types`, ContainerBlock
  containerBlocks: 10,
  containerTitle: 150,
  // https://docs.slack.dev/reference/block-kit/blocks/plan-block, task-card-block: no number is told, so a task counts as a block
  planTasks: 50,
  taskTitle: 150,
  // https://docs.slack.dev/reference/block-kit/blocks/alert-block: no number is told, so as a section
  alert: 3000,
  // https://docs.slack.dev/reference/methods/chat.postMessage (40,000; what notifications show is far less)
  fallback: 3000,
  // https://docs.slack.dev/reference/views/modal-views
  privateMetadata: 3000,
  modalTitle: 24,
} as const;
