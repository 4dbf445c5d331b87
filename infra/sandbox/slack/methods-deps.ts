import type { SlackFiles } from './files.ts';
import type { SlackViews } from './views.ts';
import type { SlackWorkspace } from './workspace.ts';

/** What the Web API's methods work on. */
export interface MethodsDeps {
  readonly workspace: SlackWorkspace;
  readonly views: SlackViews;
  readonly files: SlackFiles;
  readonly url: () => string;
  readonly hasScope: (scope: string) => boolean;
  readonly mayPost: (channel: string) => boolean;
  /** Whether the token is one of a whole organisation. */
  readonly isOrgInstall: () => boolean;
}
