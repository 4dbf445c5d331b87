import type { ControlParts, Routes } from './control-parts.ts';
import { cloudRoutes } from './routes/cloud-routes.ts';
import { githubRoutes } from './routes/github-routes.ts';
import { providerRoutes } from './routes/provider-routes.ts';
import { slackRoutes } from './routes/slack-routes.ts';
import { troubleRoutes } from './routes/trouble-routes.ts';

/** Returns what answers each control call, by method and name; docs/sandbox.md describes them. */
export const createRoutes = (parts: ControlParts): Routes => ({
  ...slackRoutes(parts),
  ...providerRoutes(parts),
  ...githubRoutes(parts),
  ...cloudRoutes(parts),
  ...troubleRoutes(parts),
  'GET page/state': () => parts.pageState(),
});
