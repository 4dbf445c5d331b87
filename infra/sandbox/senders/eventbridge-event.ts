import { generalBody } from './general-body.ts';
import { complete, type Leak, type SendOptions } from './sender.ts';

type Json = Readonly<Record<string, unknown>>;

/** Builds the event with which EventBridge invokes a function: the generic form in `detail`, vouched for by IAM. */
export function eventBridgeEvent(leak: Leak, options: SendOptions = {}): Json {
  const { id, at } = complete(options);
  return {
    version: '0',
    id,
    'detail-type': 'Leaked token',
    source: 'patrol.scanner',
    account: '000000000000',
    time: at.toISOString(),
    region: 'eu-central-1',
    resources: [],
    detail: JSON.parse(generalBody(leak)) as unknown,
  };
}
