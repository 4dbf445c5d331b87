/** What was pressed: Slack's action id, and the value of the button or of the chosen option. */
export interface Press {
  readonly actionId: string;
  readonly value: string | undefined;
}
