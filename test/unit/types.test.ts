import { describe, expectTypeOf, it } from 'vitest';
import type { Secret } from '#shared/core/secret.ts';
import type { ProviderName } from '#shared/core/vocabulary.ts';
import type { CommandJob, LeakJob } from '#shared/jobs/job.ts';
import type { FACTS } from '#shared/providers/facts.ts';
import type { CLIENTS } from '#shared/providers/clients.ts';
import type { RECOGNISERS } from '#shared/providers/recognisers.ts';
import type { Message } from '#shared/slack/blocks/bricks.ts';
import { render } from '#shared/slack/blocks/render.ts';
import type { Approval, AuditEntry, Case } from '#shared/store/store.ts';
import type { LogFields } from '#shared/telemetry/log.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { outcomes } from '#test/support/arbitraries/outcomes.ts';

// These are checked by the compiler (`npm run typecheck`): what is wrong here does not compile.

/** Whether somewhere inside a value of this type there may be one of the other. */
type Holds<T, Inner> = T extends Inner
  ? true
  : T extends (...args: never) => unknown
    ? false
    : T extends object
      ? true extends { [K in keyof T]-?: Holds<Exclude<T[K], undefined>, Inner> }[keyof T]
        ? true
        : false
      : false;

describe('a type', () => {
  it('has no field of type Secret when it crosses a queue, is stored, is logged or is told', () => {
    expectTypeOf<true extends Holds<LeakJob | CommandJob, Secret> ? 'a secret' : 'none'>().toEqualTypeOf<'none'>();
    expectTypeOf<
      true extends Holds<Case | Approval | AuditEntry, Secret> ? 'a secret' : 'none'
    >().toEqualTypeOf<'none'>();
    expectTypeOf<true extends Holds<LogFields, Secret> ? 'a secret' : 'none'>().toEqualTypeOf<'none'>();
    expectTypeOf<true extends Holds<Outcome | Message, Secret> ? 'a secret' : 'none'>().toEqualTypeOf<'none'>();
  });

  it('would be found with one, however deep', () => {
    expectTypeOf<Holds<{ readonly a?: readonly { readonly b: Secret }[] }, Secret>>().toEqualTypeOf<true>();
    expectTypeOf<Holds<{ readonly a?: readonly { readonly b: string }[] }, Secret>>().toEqualTypeOf<false>();
  });
});

describe('an outcome', () => {
  it('of every kind has words', () => {
    expectTypeOf(render).parameter(0).toEqualTypeOf<Outcome>();
    // A kind that render forgets would make this `Message | undefined`.
    expectTypeOf(render).returns.toEqualTypeOf<Message>();
  });

  it('of every kind is among the examples', () => {
    expectTypeOf<keyof typeof outcomes>().toEqualTypeOf<Outcome['kind']>();
  });
});

describe('a provider', () => {
  it('has its facts, its client and its recogniser', () => {
    expectTypeOf<keyof typeof FACTS>().toEqualTypeOf<ProviderName>();
    expectTypeOf<keyof typeof CLIENTS>().toEqualTypeOf<ProviderName>();
    expectTypeOf<keyof typeof RECOGNISERS>().toEqualTypeOf<ProviderName>();
  });
});
