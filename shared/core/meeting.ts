/** Where several meet for one read. */
export interface Meeting<T> {
  /** Gives what is read once all have come or gone, or once who came first has waited long enough. */
  come(): Promise<T>;
  /** Says that one who was expected does not come. */
  leave(): void;
}

interface MeetingDeps<T> {
  /** How many are expected. */
  readonly members: number;
  readonly read: () => Promise<T>;
  /** As long as anybody waits for the others. */
  readonly patience: () => Promise<unknown>;
}

/** Shares one read among those who meet. What anybody gets was begun after they came, so that it may be proof. */
export function createMeeting<T>({ members, read, patience }: MeetingDeps<T>): Meeting<T> {
  let expected = members;
  let waiting: PromiseWithResolvers<T> | undefined;
  const begin = () => {
    const opened = waiting;
    waiting = undefined;
    if (opened !== undefined) read().then(opened.resolve, opened.reject);
  };
  const open = (): PromiseWithResolvers<T> => {
    const opened = Promise.withResolvers<T>();
    const late = () => {
      if (waiting === opened) begin();
    };
    patience().then(late, late);
    return opened;
  };
  const isWhole = () => {
    expected -= 1;
    return expected <= 0;
  };
  return {
    come: () => {
      waiting ??= open();
      const { promise } = waiting;
      if (isWhole()) begin();
      return promise;
    },
    leave: () => {
      if (isWhole()) begin();
    },
  };
}
