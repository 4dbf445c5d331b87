import { type Fault, isFault } from '#shared/core/fault.ts';
import type { Provider } from '#shared/providers/provider.ts';
import type { Providers } from './services.ts';

/** Who hears how the profiles do. */
interface Watchers {
  /** A profile has answered; checked: whether it works was the question. What this rejects with is not the caller's trouble. */
  readonly answered: (profile: string, how: { readonly isChecked: boolean }) => Promise<void>;
  /** A profile could not be opened or asked. */
  readonly failed: (profile: string, fault: Fault) => void;
}

/** How what a call gives is heard. */
interface Heard<T> {
  readonly isChecked?: boolean;
  /** True where it comes from the provider. */
  readonly isAnswer?: (value: T) => boolean;
}

/** Opens the same providers, and tells of each call whether its profile answered; results and faults stay as they are. */
export function watchProviders(providers: Providers, { answered, failed }: Watchers): Providers {
  /** The same call with all that it is given, watched. */
  const watch =
    <A extends readonly unknown[], T>(
      profile: string,
      call: (...given: A) => Promise<T>,
      { isChecked = false, isAnswer = () => true }: Heard<T> = {},
    ) =>
    async (...given: A): Promise<T> => {
      let value: T;
      try {
        value = await call(...given);
      } catch (error) {
        if (isFault(error)) failed(profile, error);
        throw error;
      }
      // What waits for this profile is searched by its own plan as well.
      if (isAnswer(value)) await answered(profile, { isChecked }).catch(() => undefined);
      return value;
    };
  const wrap = (provider: Provider): Provider => {
    const { profile } = provider;
    return {
      ...provider,
      list: watch(profile, provider.list),
      get: watch(profile, provider.get),
      find: watch(profile, provider.find),
      check: watch(profile, provider.check, { isChecked: true, isAnswer: ({ works }) => works }),
      deactivate: watch(profile, provider.deactivate),
      activate: watch(profile, provider.activate),
      delete: watch(profile, provider.delete),
      pull: watch(profile, provider.pull),
    };
  };
  return {
    ...providers,
    open: async (profile, ...how) => {
      // An open profile has asked nobody yet.
      const open = watch(profile, () => providers.open(profile, ...how), { isAnswer: () => false });
      return wrap(await open());
    },
  };
}
