import { NAMES_OF_TOKENS } from './cast.ts';
import type { Act, Story } from './story.ts';

const clock = (seconds: number) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

function doing(act: Act): string {
  switch (act.kind) {
    case 'leak':
      return `${act.by} reports that ${NAMES_OF_TOKENS[act.token]} has leaked${act.forged === true ? ', with a forged signature' : ''}${act.again === undefined ? '' : `, and says so again after ${String(act.again)} s`}`;
    case 'paste':
      return `${act.who} pastes the leaked secret of ${NAMES_OF_TOKENS[act.token]}`;
    case 'say':
      return `${act.who} says "/pat ${act.text}"`;
    case 'press':
      return `${act.who} presses the ${act.which + 1}. button "${act.button}" there is${act.twice === true ? ', twice' : ''}`;
    case 'elsewhere':
      return `somebody makes ${NAMES_OF_TOKENS[act.token]} ${act.to} at its provider`;
    case 'outage':
      return `${act.neighbour} is in trouble (${act.mode}) for ${act.minutes} min`;
    case 'slowly':
      return `for ten minutes the providers need ${act.seconds} s until a change is so`;
    case 'rotate':
      return `the secret of ${act.what} is rotated`;
    case 'oncall':
      return `the one on call comes ${act.is}`;
    case 'deploy':
      return 'another release is deployed';
    case 'clock':
      return `the clock of a container is set ${act.seconds > 0 ? 'forward' : 'back'} by ${Math.abs(act.seconds)} s`;
    case 'flood':
      return `${act.count} made-up secrets are reported at once`;
    case 'hint':
      return `somebody reports the id of ${NAMES_OF_TOKENS[act.token]}, and no secret`;
    case 'lookalike':
      return `somebody reports a made-up secret that resembles that of ${NAMES_OF_TOKENS[act.token]}`;
    case 'drill':
      return `a scanner tries out its reports with the secret of ${NAMES_OF_TOKENS[act.token]}`;
    case 'hygiene':
      return 'the weekly report is due';
    case 'untold':
      return `GitHub has an open alert about ${NAMES_OF_TOKENS[act.token]} and tells nobody`;
    case 'reconcile':
      return "GitHub's open alerts are compared with the cases";
  }
}

/** Tells a story in words, an act a line. */
export function tell({ acts, rates, maxReceives, only }: Story): string {
  const { fails, lost, dies, slow } = rates;
  const share = (of: number) => `${of * 100} %`;
  const luck =
    fails + lost + dies + slow === 0 || only?.size === 0
      ? 'Nothing goes wrong by chance.'
      : `Of the calls ${share(fails)} fail, ${share(lost)} lose their answer, at ${share(dies)} a process dies, ${share(slow)} are slow${only === undefined ? '' : `; of those, these are needed: ${[...only].join(', ')}`}.`;
  return [
    ...acts.map((act) => `  ${clock(act.at).padStart(5)}  ${doing(act)}`),
    `  ${luck} A job is delivered ${maxReceives} times at most.`,
  ].join('\n');
}
