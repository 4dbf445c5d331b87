/** Rows of one page of a list: as many as one table in Slack holds, less its head (shared/slack/blocks/limits.ts). */
export const PAGE_SIZE = 99;
