/** The policy's name of LangSmith's one lever. */
export const STOP_NEW_PATS = 'langsmith.stop-new-pats';
