// A portal's channels in full, in lines for people.
import type { ChannelView } from '../protocol/portal-view.ts';
import { relativeText } from './duration.ts';
import { field, timesText } from './field.ts';
import type { Piece, Style } from './output.ts';

type Line = readonly Piece[];

const stateStyles: Readonly<Record<ChannelView['state'], Style>> = {
  stopped: 'dim',
  paused: 'yellow',
  idle: 'green',
  synchronising: 'cyan',
  retrying: 'red',
};

const barWidth = 24;

export function channelLines(channel: ChannelView, nowMs: number): Line[] {
  const { index, state, last, arrival, lastSynchronisedAt } = channel;
  const count = timesText(channel.synchronisations);
  return [
    [
      { text: `channel ${index}`, style: 'bold' },
      ': ',
      { text: state, style: stateStyles[state] },
      ...(channel.isPending && state !== 'synchronising' ? ['; something has not arrived yet'] : []),
      ...queueTexts(channel),
    ],
    field('way', wayText(channel)),
    ...(channel.deletes === true ? [field('delete', 'what is gone from the source is deleted, too')] : []),
    ...(channel.exclude === undefined ? [] : [field('exclude', channel.exclude.join('  '))]),
    field(
      'synchronised',
      lastSynchronisedAt === undefined ? 'not yet' : `${relativeText(lastSynchronisedAt, nowMs)}, ${count}`,
    ),
    field('moved', movedText(channel)),
    ...(channel.transfer === undefined ? [] : [field('moving now', transferText(channel.transfer))]),
    ...(last === undefined
      ? []
      : [
          field(
            'last moved',
            `${movedText(last)} in ${last.tookMs} ms` +
              (last.bytes === 0 ? '' : `, ${rateText(last.bytes, last.tookMs)}`),
          ),
        ]),
    ...(arrival === undefined
      ? []
      : [
          field(
            'arrival',
            `median ${arrival.medianMs} ms, p95 ${arrival.p95Ms} ms from save to confirmation ` +
              `(${arrival.saves === 1 ? 'one save' : `${arrival.saves} saves`})`,
          ),
        ]),
    ...(channel.unwatchedFolders === undefined
      ? []
      : [field('watched late', foldersText(channel.unwatchedFolders))]),
    ...(channel.note === undefined ? [] : [field('note', channel.note)]),
    ...(channel.error === undefined
      ? []
      : [[{ text: '  problem       ', style: 'red' } as const, channel.error]]),
  ];
}

function foldersText(folders: number): string {
  const what = folders === 1 ? 'one folder was' : `${folders} folders were`;
  return `${what} not watched for a time (too many changes at once, or a file system mounted)`;
}

/** What waits behind that which is under way. */
function queueTexts({ queue }: ChannelView): string[] {
  if (queue === undefined) return [];
  const paths = queue.paths === 1 ? 'one changed path' : `${queue.paths} changed paths`;
  const waiting = [
    ...(queue.paths > 0 ? [paths] : []),
    ...(queue.isEverything ? ['a look at everything'] : []),
  ];
  return waiting.length === 0 ? [] : [`; queued: ${waiting.join(', ')}`];
}

/** `[████░░░░] 43 %, 1.2 GB, 45 MB/s`. */
export function transferText({ bytes, percent, tookMs }: NonNullable<ChannelView['transfer']>): string {
  const filled = Math.round((Math.min(percent, 100) / 100) * barWidth);
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  return `[${bar}] ${percent} %, ${bytesText(bytes)}, ${rateText(bytes, tookMs)}`;
}

/** From where to where. */
export function wayText({ direction, localPath, remotePath }: ChannelView): string {
  return direction === 'out'
    ? `${localPath} → instance:${remotePath}`
    : `instance:${remotePath} → ${localPath}`;
}

function movedText({ files, bytes, deleted }: Pick<ChannelView, 'files' | 'bytes' | 'deleted'>): string {
  const gone = deleted === undefined ? '' : `; ${deleted} deleted`;
  return `${files === 1 ? 'one file' : `${files} files`}, ${bytesText(bytes)}${gone}`;
}

function rateText(bytes: number, ms: number): string {
  return `${bytesText((bytes / Math.max(ms, 1)) * 1000)}/s`;
}

/** `512 B`, `4.1 kB`, `1.3 GB`. */
function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
