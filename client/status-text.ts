// The daemon's and a portal's status in lines for people.
import { credentialsText } from '../protocol/account-difference.ts';
import type { MethodResults } from '../protocol/methods.ts';
import type { InstanceView, PortalState, PortalView, ProblemView } from '../protocol/portal-view.ts';
import { wayText } from './channel-text.ts';
import { clockText, durationText, relativeText } from './duration.ts';
import { field, timesText } from './field.ts';
import type { Piece, Style } from './output.ts';
import { sshLine } from './ssh-line.ts';
import { tableLines } from './table.ts';

type Line = readonly Piece[];

export const stateStyles: Readonly<Record<PortalState, Style>> = {
  closed: 'dim',
  opening: 'cyan',
  open: 'green',
  recovering: 'yellow',
  closing: 'cyan',
  failed: 'red',
};

/** The daemon in a line, then its portals in a table. */
export function daemonLines(status: MethodResults['daemon.status'], nowMs: number): Line[] {
  const { aws } = status;
  const portals = status.portals.filter((one) => one.state !== 'closed');
  const closed = status.portals.length - portals.length;
  const up = durationText(nowMs - Date.parse(status.startedAt));
  const account = `account ${aws.account ?? 'not known yet'}`;
  const region = aws.region === undefined ? 'no Region set' : `Region ${aws.region}`;
  const rows = portals.map((portal) => [
    portal.name,
    portal.state,
    portal.step.what === portal.state ? portal.step.reason : portal.step.what,
    durationText(nowMs - Date.parse(portal.step.since)),
    portal.instance === undefined ? '-' : `${portal.instance.type} ${portal.instance.zone}`,
  ]);
  const table = tableLines([['NAME', 'STATE', 'STEP', 'FOR', 'INSTANCE'], ...rows]);
  return [
    [`portald ${status.version}, process ${status.pid}, up ${up}`],
    [`AWS: ${account}, ${region}, ${credentialsText(aws)}`],
    ...status.setAside.map(
      ({ file, reason }): Line => [
        { text: 'warning: ', style: 'yellow' },
        `the record ${file} could not be read and was set aside: ${reason}`,
      ],
    ),
    ...(portals.length === 0 ? [['no portals; open one: portalctl open NAME']] : table.map((line) => [line])),
    ...(closed === 0 ? [] : [[{ text: `and ${closed} closed: portalctl list`, style: 'dim' } as const]]),
    ...portals.flatMap((portal) =>
      portal.problem === undefined ? [] : problemLines(portal, portal.problem, nowMs, `${portal.name}: `),
    ),
  ];
}

/** Everything about one portal; `edited` if its file says something else by now. */
export function portalLines(portal: PortalView, nowMs: number, edited = false): Line[] {
  const { interruption, instance, replacement } = portal;
  const login = sshLine(portal);
  return [
    [{ text: portal.name, style: 'bold' }, ': ', { text: portal.state, style: stateStyles[portal.state] }],
    ...stepLines(portal, nowMs),
    field('specification', portal.specificationPath),
    ...(edited ? [field('', `edited since; take it up: portalctl reload ${portal.name}`)] : []),
    ...(portal.pending === undefined
      ? []
      : [field('pending', `with the next instance: ${portal.pending.join(', ')}`)]),
    field('opened', relativeText(portal.openedAt, nowMs)),
    ...(instance === undefined
      ? []
      : instanceLines('instance', instance, nowMs, [`generation ${portal.generation}`])),
    ...(login === undefined
      ? instance?.address === undefined
        ? []
        : [field('log in', 'once its host key is verified')]
      : [field('log in', login)]),
    ...(replacement === undefined ? [] : instanceLines('replacement', replacement, nowMs, [])),
    ...(interruption === undefined
      ? []
      : [
          field(
            'interruption',
            `${relativeText(interruption.deadline, nowMs)}, at ${clockText(interruption.deadline)}; ` +
              `seen by ${interruption.seenBy} ${relativeText(interruption.seenAt, nowMs)}`,
          ),
        ]),
    ...(portal.onOpenFailure === undefined ? [] : [field('on_open', `failed: ${portal.onOpenFailure}`)]),
    ...portal.volumes.map((volume) =>
      field('volume', `${volume.id} at ${volume.mountPoint}: ${volume.state}`),
    ),
    // Those of a closed portal have nothing to tell.
    ...(portal.state === 'closed' ? [] : portal.channels).flatMap((channel) => {
      const last =
        channel.lastSynchronisedAt === undefined
          ? 'not synchronised yet'
          : `synchronised ${relativeText(channel.lastSynchronisedAt, nowMs)}, ${timesText(channel.synchronisations)}`;
      const said = [channel.error, channel.note].filter((one) => one !== undefined);
      return [
        field(`channel ${channel.index}`, wayText(channel)),
        field('', [`${channel.state}, ${last}`, ...said].join('; ')),
      ];
    }),
    ...(portal.problem === undefined ? [] : problemLines(portal, portal.problem, nowMs, '')),
  ];
}

/** What is being done, and below it why. */
function stepLines({ state, step }: PortalView, nowMs: number): Line[] {
  const { what, reason, since } = step;
  const why = reason === '' ? [] : [field('', reason)];
  if (what === 'closed') return [field('closed', relativeText(since, nowMs)), ...why];
  const duration = durationText(nowMs - Date.parse(since));
  if (what === state && reason !== '') return [field('step', `${reason}, for ${duration}`)];
  return [field('step', `${what}, for ${duration}`), ...why];
}

function instanceLines(
  name: string,
  { id, type, zone, state, address, launchedAt }: InstanceView,
  nowMs: number,
  more: readonly string[],
): Line[] {
  const launched = launchedAt === undefined ? [] : [`launched ${relativeText(launchedAt, nowMs)}`];
  const second = [...launched, ...more].join(', ');
  return [
    field(name, `${id}, ${type} in ${zone}, ${state}${address === undefined ? '' : `, ${address}`}`),
    ...(second === '' ? [] : [field('', second)]),
  ];
}

function problemLines({ name }: PortalView, problem: ProblemView, nowMs: number, prefix: string): Line[] {
  const since = relativeText(problem.since, nowMs);
  return [
    [{ text: `${prefix}problem: `, style: 'red' }, `${problem.message} (${problem.kind}, first ${since})`],
    ...(problem.hint === undefined ? [] : problem.hint.split('\n').map((line) => [`hint: ${line}`])),
    ...(problem.nextAttemptAt === undefined ? [] : [[nextAttemptText(problem.nextAttemptAt, name, nowMs)]]),
  ];
}

/** When the launch is tried again, and how to have it at once. */
export function nextAttemptText(nextAttemptAt: string, name: string, nowMs: number): string {
  const when = Date.parse(nextAttemptAt) <= nowMs ? 'now' : relativeText(nextAttemptAt, nowMs);
  return `next attempt: ${when}; portalctl reload ${name} tries at once`;
}
