import { signSnsNotification } from '../sign-sns-message.ts';
import { generalBody } from '../general-body.ts';
import { type Sender, WrongSecret } from '../sender.ts';

/** SNS over HTTPS: what it carries stands in the notification; a recorded SNS message keeps its text and is signed anew. */
export const sender: Sender = {
  path: '/alerts/sns',
  toBody: generalBody,
  sign: (body, secret, options) => {
    if (typeof secret === 'string' || !('topicArn' in secret)) throw new WrongSecret('SNS signs with a certificate.');
    return signSnsNotification(body.toString(), secret, options);
  },
};
