import type { Buttons } from '#shared/slack/buttons.ts';

/** Buttons as they are written, for tests that look at what is sent and press nothing. */
export const plainButtons: Buttons = {
  forPost: (_channel, message) => ({ message, bind: async () => {} }),
  forEdit: (_at, message) => message,
  forView: (_viewId, view) => view,
  forHome: (_userId, view) => view,
  open: async (press) => press,
};
