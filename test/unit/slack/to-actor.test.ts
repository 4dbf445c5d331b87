import { describe, expect, it } from 'vitest';
import { toActor } from '#shared/slack/to-actor.ts';

describe('toActor', () => {
  it('reads a slash command', () => {
    const command = { team_id: 'T1', enterprise_id: 'E1', user_id: 'U1', channel_id: 'C1' };
    expect(toActor(command)).toEqual({ teamId: 'T1', enterpriseId: 'E1', userId: 'U1', channelId: 'C1' });
  });

  it('reads a press on a message', () => {
    const press = {
      team: { id: 'T1' },
      enterprise: { id: 'E1' },
      user: { id: 'U1', team_id: 'T1' },
      channel: { id: 'C1' },
    };
    expect(toActor(press)).toEqual({ teamId: 'T1', enterpriseId: 'E1', userId: 'U1', channelId: 'C1' });
  });

  it("knows a stranger in a shared channel by the stranger's own team, without our enterprise", () => {
    const press = {
      team: { id: 'T1' },
      enterprise: { id: 'E1' },
      user: { id: 'U9', team_id: 'T9' },
      channel: { id: 'C1' },
    };
    expect(toActor(press)).toEqual({ teamId: 'T9', userId: 'U9', channelId: 'C1' });
  });

  it('takes no enterprise on trust where the app is installed for an organisation and no team is named', () => {
    const press = { team: null, enterprise: { id: 'E1' }, user: { id: 'U1', team_id: 'T1' } };
    expect(toActor(press)).toEqual({ teamId: 'T1', userId: 'U1' });
  });

  it('reads an event, and the channel of a container', () => {
    expect(toActor({ team_id: 'T1', enterprise_id: null, event: { user: 'U1' } })).toEqual({
      teamId: 'T1',
      userId: 'U1',
    });
    expect(toActor({ team_id: 'T1', user: { id: 'U1' }, container: { channel_id: 'C2' } })?.channelId).toBe('C2');
  });

  it('takes the place where a modal was opened for the place of what was typed into it', () => {
    const view = (private_metadata: string | null) => ({
      team_id: 'T1',
      user: { id: 'U1' },
      view: { private_metadata },
    });
    expect(toActor(view('{"approval":"a","channel":"C1"}'))?.channelId).toBe('C1');
    expect(toActor({ ...view('{"channel":"C1"}'), channel: { id: 'C2' } })?.channelId).toBe('C2');
    expect([null, '', 'null', '{"channel":7}', '{'].map((text) => toActor(view(text))?.channelId)).toEqual(
      Array(5).fill(undefined),
    );
  });

  it.each([{}, { user_id: 'U1' }, { team_id: 'T1' }, { team_id: 'T1', event: {} }, { team_id: '', user_id: 'U1' }])(
    'knows nobody from %j',
    (payload) => {
      expect(toActor(payload)).toBeUndefined();
    },
  );
});
