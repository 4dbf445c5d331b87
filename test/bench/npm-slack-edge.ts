import { createSlackEdge, type EdgeEvent, runSlackEdge } from './run-slack-edge.ts';

const app = createSlackEdge(process.env['SLACK_SIGNING_SECRET'] ?? '', async () => {});

/** npm's slack-edge at its least: the secret stands in the environment, and nothing is queued. The bench measures it. */
export const handler = (event: EdgeEvent): Promise<{ readonly statusCode: number }> => runSlackEdge(app, event);
