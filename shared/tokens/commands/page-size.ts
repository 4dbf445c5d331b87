/** Rows of one page of a list; the message stays readable on a phone and within Slack's 50 blocks. */
export const PAGE_SIZE = 10;
