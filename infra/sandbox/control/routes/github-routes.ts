import * as z from 'zod';
import type { GithubStandIn } from '../../github/github.ts';
import type { ControlParts, Routes } from '../control-parts.ts';

const alertSchema = z.object({
  repository: z.string(),
  number: z.int().positive(),
  secret: z.string(),
  secret_type: z.string(),
  publicly_leaked: z.boolean().optional(),
});
const keysSchema = z.object({
  public_keys: z.array(
    z.object({ key_identifier: z.string(), key: z.string(), is_current: z.boolean().default(true) }),
  ),
});

/** The alerts that GitHub answers with, and the keys that it publishes. */
export const githubRoutes = ({ github }: ControlParts): Routes => ({
  'GET github/alerts': () => github.alerts(),
  'POST github/alerts': ({ body }) => {
    const alert = body(alertSchema);
    github.setAlert(alert as Parameters<GithubStandIn['setAlert']>[0]);
    return alert;
  },
  'POST github/keys': ({ body }) => {
    const keys = body(keysSchema);
    github.setKeys(keys.public_keys);
    return keys;
  },
});
