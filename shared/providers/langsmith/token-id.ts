/** What the id of a LangSmith key looks like: a UUID. Nothing else ever gets into a URL. */
export const TOKEN_ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
