import { generalBody } from '../general-body.ts';
import { standardWebhook } from '../standard-webhook.ts';

/** Any sender of our own form. */
export const sender = standardWebhook('generic', generalBody);
