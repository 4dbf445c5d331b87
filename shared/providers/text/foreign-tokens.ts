import { joinExpressions } from './join-expressions.ts';

/**
 * How the secrets of others begin, and what they are made of from there on. A literal start, then one greedy class: linear.
 * None of them is ours to revoke; they are only kept out of queues and messages. After gitleaks' rules and the vendors' own
 * documents; each below its owner, whose name stays out of the bundles; sorted by it, and safe to add to.
 */
const FOREIGN_TOKENS: readonly RegExp[] = [
  // age
  /AGE-SECRET-KEY-1[0-9A-Z]{40,}/,
  // anthropic
  /sk-ant-[A-Za-z0-9_-]{20,}/,
  // artifactory
  /\bAKCp[A-Za-z0-9]{20,}/,
  // asana
  /\b[12]\/\d{16}:[0-9a-f]{32}/,
  // atlassian
  /AT(?:ATT|CTT|BB)[A-Za-z0-9_=-]{20,}/,
  // aws
  /(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16,}/,
  // azure
  /(?<=(?:[Aa]ccount[Kk]ey|[Ss]hared[Aa]ccess[Kk]ey|sig)=)[A-Za-z0-9+/%=]{20,}/,
  // clojars
  /CLOJARS_[A-Za-z0-9]{20,}/,
  // databricks
  /(?<![A-Za-z0-9])dapi[a-f0-9]{32}/,
  // dfnsWebhook
  /(?<![A-Za-z0-9])whs-[A-Za-z0-9_-]{16,}/,
  // digitalocean
  /do[opr]_v1_[a-f0-9]{20,}/,
  // discord
  /(?<=discord(?:app)?\.com\/api\/webhooks\/\d{1,30}\/)[A-Za-z0-9_-]{20,}/,
  // docker
  /dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}/,
  // doppler
  /dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{20,}/,
  // dropbox
  /(?<![A-Za-z0-9])sl\.[A-Za-z0-9_-]{40,}/,
  // dynatrace
  /dt0[a-zA-Z]01\.[A-Z0-9.]{20,}/,
  // figma
  /fig[dour]_[A-Za-z0-9_-]{20,}/,
  // fly
  /(?:FlyV1 |fo1_|fm[12][arp]?_)[A-Za-z0-9+/=_,-]{20,}/,
  // github
  /gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}/,
  // gitlab
  /gl(?:pat|cbt|ptt|dt|rt|rtr|soat|agent|imt|ffct|oas|ft)-[A-Za-z0-9_.-]{16,}|GR1348941[A-Za-z0-9_-]{16,}/,
  // google
  /AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_.-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}|(?<![A-Za-z0-9])1\/\/0[A-Za-z0-9_-]{30,}/,
  // grafana
  /gl(?:c|sa)_[A-Za-z0-9_+/=]{20,}/,
  // groq
  /gsk_[A-Za-z0-9]{20,}/,
  // huggingface
  /(?:hf|api_org)_[A-Za-z0-9]{20,}/,
  // linear
  /lin_(?:api|oauth)_[A-Za-z0-9]{20,}/,
  // mailgun
  /(?<![A-Za-z0-9])key-[a-f0-9]{32}/,
  // mapbox
  /(?<![A-Za-z0-9])[ps]k\.eyJ[A-Za-z0-9_.-]{20,}/,
  // newrelic
  /NR(?:AK|JS|II|RA|BR)-[A-Za-z0-9]{16,}/,
  // notion
  /(?:ntn_|(?<![A-Za-z0-9])secret_)[A-Za-z0-9]{30,}/,
  // npm
  /npm_[A-Za-z0-9]{20,}/,
  // nvidia
  /nvapi-[A-Za-z0-9_-]{20,}/,
  // openai
  /(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,}/,
  // perplexity
  /pplx-[A-Za-z0-9]{20,}/,
  // planetscale
  /pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{20,}/,
  // posthog
  /ph[cxs]_[A-Za-z0-9]{20,}/,
  // postman
  /PMAK-[a-f0-9-]{20,}/,
  // pulumi
  /(?<![A-Za-z0-9])pul-[a-f0-9]{20,}/,
  // pypi
  /pypi-[A-Za-z0-9_-]{20,}/,
  // replicate
  /(?<![A-Za-z0-9])r8_[A-Za-z0-9]{20,}/,
  // rubygems
  /rubygems_[a-f0-9]{20,}/,
  // sendgrid
  /SG\.[A-Za-z0-9_-]{16,}\.?[A-Za-z0-9_-]{0,64}/,
  // sentry
  /sntry[su]_[A-Za-z0-9+/=_]{20,}/,
  // shopify
  /shp(?:at|ca|pa|ss|rt)_[A-Fa-f0-9]{20,}/,
  // slack
  /xox[a-z][-.][A-Za-z0-9.-]{10,}|xapp-[A-Za-z0-9-]{10,}/,
  // slackWebhook
  /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9+/_-]{20,}/,
  // square
  /sq0[a-z]{3}-[A-Za-z0-9_-]{20,}|EAAA[A-Za-z0-9_-]{50,}/,
  // standardWebhook
  /whsec_[A-Za-z0-9+/=]{20,}/,
  // stripe
  /(?:[rs]k|rkcs)_(?:live|test|prod)_[A-Za-z0-9]{10,}/,
  // supabase
  /sb(?:p|_secret)_[A-Za-z0-9_-]{20,}/,
  // tailscale
  /tskey-[A-Za-z0-9-]{16,}/,
  // telegram
  /(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{32,}/,
  // terraform
  /(?<=[A-Za-z0-9]{14}\.)atlasv1\.[A-Za-z0-9_=-]{40,}/,
  // twilio
  /(?<![A-Za-z0-9])SK[a-f0-9]{32}/,
  // typeform
  /tfp_[A-Za-z0-9_.=-]{20,}/,
  // vault
  /hv[sbr]\.[A-Za-z0-9_-]{20,}/,
  // xai
  /xai-[A-Za-z0-9]{20,}/,
];

/** All of them in one: a text is read once, however many there are. */
export const FOREIGN_TOKEN = joinExpressions(FOREIGN_TOKENS, 'g');
