import { stringify } from 'yaml';
import { BOT_SCOPES } from '#shared/slack/bot-scopes.ts';

/** Makes the Slack app's manifest (YAML) for the deployed request URL. */
export function toManifest(requestUrl: string, stage: string): string {
  const name = stage === 'prod' ? 'Patrol' : `Patrol (${stage})`;
  return stringify(
    {
      _metadata: { major_version: 1 },
      display_information: {
        name,
        description: 'The kill switch for leaked and stale access tokens',
        background_color: '#1f2937',
      },
      features: {
        app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
        bot_user: { display_name: 'patrol', always_online: true },
        shortcuts: [
          {
            name: 'Report a leaked token',
            type: 'global',
            callback_id: 'patrol:leak',
            description: 'Paste a leaked token; it appears in no channel',
          },
        ],
        slash_commands: [
          {
            command: '/pat',
            url: requestUrl,
            description: 'Find, deactivate and delete access tokens',
            usage_hint: 'list | show | deactivate | activate | delete | leak | cases | help',
            should_escape: true,
          },
        ],
      },
      oauth_config: { scopes: { bot: [...BOT_SCOPES] } },
      settings: {
        event_subscriptions: { request_url: requestUrl, bot_events: ['app_home_opened'] },
        interactivity: { is_enabled: true, request_url: requestUrl },
        org_deploy_enabled: true,
        socket_mode_enabled: false,
        token_rotation_enabled: false,
      },
    },
    { lineWidth: 0 },
  );
}

/** The page on which Slack makes an app of a manifest. */
export function toCreateLink(manifest: string): string {
  return `https://api.slack.com/apps?new_app=1&manifest_yaml=${encodeURIComponent(manifest)}`;
}
