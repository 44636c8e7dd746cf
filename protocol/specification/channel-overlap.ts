// Channels that would undo each other's work: what one brings, another carries back, over a newer copy or for ever; or one
// deletes what another has brought. Pure; paths are compared by their names.
import type { Mistake } from '../validate.ts';
import { type ExcludeFilter, excludeFilter } from './exclude-patterns.ts';
import { absolutePath, partsBelow, partsOf } from './places.ts';
import type { ChannelSpecification, Specification } from './schema.ts';

/** A portal that is open beside the one that is specified. */
export interface OtherPortal {
  readonly name: string;
  readonly specification: Specification;
}

interface Flow {
  /** Position among the specified channels; -1 for one of another portal. */
  readonly index: number;
  /** How it is named to the reader. */
  readonly label: string;
  readonly isOut: boolean;
  readonly isRecursive: boolean;
  readonly deletes: boolean;
  /** A file, or the files of a folder that come into one of its name. */
  readonly isSingle: boolean;
  /** Of the side that is read: parts of the path, the first of which names the machine. */
  readonly source: readonly string[];
  /** Of the other side: where the source's own content comes to lie. */
  readonly destination: readonly string[];
  /** What stands before a path below the source when patterns are applied. */
  readonly prefix: string;
  readonly filter: ExcludeFilter | undefined;
}

/** One channel writes what another reads; `remedy` says how to part them. */
interface Link {
  readonly from: Flow;
  readonly to: Flow;
  readonly remedy: string;
}

/**
 * Mistakes of channels that lie on each other, or on those of `others`; all have absolute local paths.
 */
export function overlappingChannels(
  specification: Specification,
  others: readonly OtherPortal[] = [],
): Mistake[] {
  const flows = [
    ...specification.channels.map((channel, index) =>
      flowOf(channel, { index, label: `channels[${index}]`, portal: '' }, specification),
    ),
    ...others.flatMap(({ name, specification: other }) =>
      other.channels.map((channel, index) =>
        flowOf(channel, { index: -1, label: `channels[${index}] of portal ${name}`, portal: name }, other),
      ),
    ),
  ];
  const links = new Map(
    flows.map((from) => [
      from,
      flows.flatMap((to) => (from.isOut === to.isOut ? [] : linksBetween(from, to))),
    ]),
  );
  const mistakes = flows.flatMap((flow) => {
    if (flow.index < 0) return [];
    const circle = circleFrom(flow, links);
    // Told once, at the last of its channels.
    if (circle === undefined || circle.some(({ to }) => to.index > flow.index)) return [];
    const rest = circle.filter(({ to }) => to !== flow).map(({ to }) => to.label);
    return mistakeAt(
      flow,
      `carries files back and forth with ${rest.join(' and ')}, and an older copy could replace a newer one; ${circle[0]?.remedy ?? ''}`,
    );
  });
  const deletions = flows.flatMap((deleting) =>
    flows.flatMap((other) => (deleting.deletes ? deletion(deleting, other) : [])),
  );
  return [...mistakes, ...deletions, ...flows.flatMap((flow) => sameFile(flow, flows))];
}

function flowOf(
  channel: ChannelSpecification,
  { index, label, portal }: { index: number; label: string; portal: string },
  { spot_instance: { remote_user: user } }: Specification,
): Flow {
  const isOut = channel.direction === 'out';
  const isRecursive = channel.recursive === true;
  const remote = absolutePath(channel.remote_path, user);
  const [source, target] = isOut ? [channel.local_path, remote] : [remote, channel.local_path];
  const isContent = source.endsWith('/');
  const [here, there] = ['here', `on the instance of ${portal}`];
  const sourceParts = partsOf(source);
  const name = sourceParts.slice(-1);
  // A single file may have another name there; a folder never.
  const isInside = !isContent && (isRecursive || target.endsWith('/'));
  return {
    index,
    label,
    isOut,
    isRecursive,
    deletes: channel.delete === true,
    isSingle: !isContent && !isRecursive,
    source: [isOut ? here : there, ...sourceParts],
    destination: [isOut ? there : here, ...partsOf(target), ...(isInside ? name : [])],
    prefix: isContent || !isRecursive ? '' : `${name.join('')}/`,
    filter: excludeFilter(channel.exclude ?? []),
  };
}

/**
 * Two single files, or folders without what is below, that come under one name: each look at everything would put the one
 * over the other. With different names the destination may be a folder in which both have a place.
 */
function sameFile(flow: Flow, flows: readonly Flow[]): Mistake[] {
  const placeOf = ({ destination, source }: Flow): string => [...destination, source.at(-1)].join('/');
  const twin = flows.find(
    (other) => other.index < flow.index && other.isSingle && placeOf(other) === placeOf(flow),
  );
  if (twin === undefined || !flow.isSingle) return [];
  return mistakeAt(flow, `brings the same name as ${twin.label}; give each a folder or a name of its own`);
}

/** Whether `from` writes where `to` reads. */
function linksBetween(from: Flow, to: Flow): Link[] {
  const below = partsBelow(to.source, from.destination);
  const above = partsBelow(from.destination, to.source);
  if (below?.length === 0) return [{ from, to, remedy: 'use a folder of its own for each' }];
  if (below !== undefined && carries(to, below)) return [{ from, to, remedy: remedyOf(to, below) }];
  if (above !== undefined && carries(from, above)) return [{ from, to, remedy: remedyOf(from, above) }];
  return [];
}

/** The shortest way back to `start`, link by link, if there is one. */
function circleFrom(start: Flow, links: ReadonlyMap<Flow, readonly Link[]>): readonly Link[] | undefined {
  const seen = new Set<Flow>();
  let ways = (links.get(start) ?? []).map((link) => [link]);
  while (ways.length > 0) {
    const closed = ways.find((way) => way.at(-1)?.to === start);
    if (closed !== undefined) return closed;
    ways = ways.flatMap((way) => {
      const end = way.at(-1)?.to;
      if (end === undefined || seen.has(end)) return [];
      seen.add(end);
      return (links.get(end) ?? []).map((link) => [...way, link]);
    });
  }
  return undefined;
}

function deletion(deleting: Flow, other: Flow): Mistake[] {
  if (deleting === other || deleting.isOut !== other.isOut) return [];
  if (deleting.index < 0 && other.index < 0) return [];
  const below = partsBelow(deleting.destination, other.destination);
  const above = partsBelow(other.destination, deleting.destination);
  const [inner, outer, parts] = below === undefined ? [deleting, other, above] : [other, deleting, below];
  if (parts === undefined || (parts.length > 0 && !carries(outer, parts))) return [];
  // The same files by two channels: neither deletes what the other has.
  const sources = partsBelow(outer.source, inner.source);
  if (sources?.join('/') === parts.join('/')) return [];
  const remedy = parts.length === 0 ? 'use a folder of its own for each' : remedyOf(outer, parts);
  return deleting.index < 0
    ? mistakeAt(other, `${deleting.label} would delete what this brings there; ${remedy}`)
    : mistakeAt(deleting, `would delete what ${other.label} brings there; ${remedy}`);
}

/** Whether what lies at these parts below the source, or below the destination, is brought by it. */
function carries({ isRecursive, filter, prefix }: Flow, parts: readonly string[]): boolean {
  if (!isRecursive && parts.length > 1) return false;
  return filter === undefined || !filter(`${prefix}${parts.join('/')}`, 'folder');
}

function remedyOf({ index, label, prefix }: Flow, parts: readonly string[]): string {
  const list = index < 0 ? `the exclude of ${label}` : `${label}.exclude`;
  return `add "/${prefix}${parts.join('/')}" to ${list}`;
}

function mistakeAt({ index }: Flow, message: string): Mistake[] {
  return [{ path: ['channels', index], atName: false, message }];
}
