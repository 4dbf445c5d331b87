/** A secret scanning alert as it is set up. */
export interface GithubAlert {
  /** `owner/name`. */
  readonly repository: string;
  readonly number: number;
  readonly secret: string;
  readonly secret_type: string;
  readonly publicly_leaked?: boolean;
}

/** An alert as it stands, with how it was closed. */
export interface GithubAlertState extends GithubAlert {
  readonly state: 'open' | 'resolved';
  readonly resolution: string | null;
  readonly resolution_comment: string | null;
  readonly resolved_at: string | null;
}

const NAMES: Readonly<Record<string, string>> = {
  langchain_api_personal_key: 'LangSmith Personal Access Token',
  langchain_api_server_key: 'LangSmith Service Key',
};

/** The display name of a secret type: GitHub's own, or the custom pattern's slug. */
export const githubTypeName = (secretType: string): string => NAMES[secretType] ?? secretType;

/** An alert as REST shows it. */
export const githubAlertJson = (
  alert: GithubAlertState,
  options: { readonly baseUrl: string; readonly createdAt: string; readonly hidesSecret: boolean },
) => ({
  number: alert.number,
  created_at: options.createdAt,
  url: `${options.baseUrl}/repos/${alert.repository}/secret-scanning/alerts/${alert.number}`,
  html_url: `https://github.com/${alert.repository}/security/secret-scanning/${alert.number}`,
  locations_url: `${options.baseUrl}/repos/${alert.repository}/secret-scanning/alerts/${alert.number}/locations`,
  state: alert.state,
  secret_type: alert.secret_type,
  secret_type_display_name: githubTypeName(alert.secret_type),
  ...(options.hidesSecret ? {} : { secret: alert.secret }),
  is_base64_encoded: false,
  validity: 'unknown',
  publicly_leaked: alert.publicly_leaked ?? false,
  multi_repo: false,
  resolution: alert.resolution,
  resolved_at: alert.resolved_at,
  resolved_by: alert.state === 'open' ? null : { login: 'patrol', id: 1, type: 'User' },
  resolution_comment: alert.resolution_comment,
  push_protection_bypassed: false,
  first_location_detected: {
    path: 'scripts/run.sh',
    start_line: 3,
    end_line: 3,
    start_column: 9,
    end_column: 60,
    commit_sha: '3f786850e387550fdab836ed7e6dc881de23001b',
  },
  has_more_locations: false,
});
