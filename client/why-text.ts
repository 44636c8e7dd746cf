// Why a portal is as it is, in lines for people: what it does, how it came to that, and what can be done.
import type { MethodResults } from '../protocol/methods.ts';
import type { PortalState, PortalView } from '../protocol/portal-view.ts';
import { durationText, momentText } from './duration.ts';
import type { Piece } from './output.ts';
import { nextAttemptText, stateStyles } from './status-text.ts';

type Line = readonly Piece[];

/** So many of the latest happenings are told; `--json` has all of them. */
const shown = 10;

export function whyLines({ portal, history }: MethodResults['portal.explain'], nowMs: number): Line[] {
  const { name, state, step, problem } = portal;
  const since = history.findLast((one) => one.state !== undefined)?.at;
  const duration = since === undefined ? '' : `, for ${durationText(nowMs - Date.parse(since))}`;
  const latest = history.slice(-shown);
  return [
    [{ text: name, style: 'bold' }, ' is ', { text: state, style: stateStyles[state] }, duration],
    ...latest.map((one): Line => {
      const style = one.level === 'error' ? 'red' : 'yellow';
      return [
        { text: `  ${momentText(one.at, nowMs)}  `, style: 'dim' },
        one.level === 'info' ? one.text : { text: one.text, style },
      ];
    }),
    ...(step.what === state && step.reason === '' ? [] : [part('now', stepText(portal))]),
    ...(problem === undefined ? [] : [part('problem', `${problem.message} (${problem.kind})`)]),
    ...adviceOf(portal, nowMs).map((text, index): Line => part(index === 0 ? 'you can' : '', text)),
  ];
}

function part(name: string, text: string): Line {
  return [{ text: name.padEnd(9), style: 'dim' }, text];
}

function stepText({ state, step: { what, reason } }: PortalView): string {
  if (what === state) return reason;
  return reason === '' ? what : `${what}: ${reason}`;
}

function adviceOf({ name, state, problem }: PortalView, nowMs: number): string[] {
  const hints = problem?.hint?.split('\n') ?? [];
  const next =
    problem?.nextAttemptAt === undefined ? [] : [nextAttemptText(problem.nextAttemptAt, name, nowMs)];
  return [...hints, ...next, ...general[state](name, problem !== undefined)];
}

const general: Readonly<Record<PortalState, (name: string, hasProblem: boolean) => string[]>> = {
  open: (name, hasProblem) =>
    hasProblem ? [] : [`leave it as it is; portalctl status ${name} tells how to log in`],
  opening: (name) => [
    `wait (portalctl events ${name} --follow tells what happens), or portalctl close ${name}`,
  ],
  recovering: (name) => [
    `wait (portalctl events ${name} --follow tells what happens), or portalctl close ${name}`,
  ],
  closing: (name) => [`wait until nothing is left to be paid: portalctl close ${name}`],
  closed: (name) => [`open it again: portalctl open ${name}`],
  failed: (name) => [
    `correct what the problem names, then portalctl open ${name}; or forget it: portalctl close ${name}`,
  ],
};
