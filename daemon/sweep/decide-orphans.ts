// What is an orphan: something alive with this installation's tags that no record wants. Pure.
import { tagNames } from '../portal/cloud.ts';
import type { Belonging } from './belonging.ts';
import { type Claims, openingKey } from './claims.ts';

export interface Orphan {
  readonly belonging: Belonging;
  readonly portal: string;
  /** The file that may want it, although it is not a record that portald works with. */
  readonly keptFor?: string;
  /** Whether the sweep may end it. Volumes and snapshots hold data, so that is for the user to say. */
  readonly endsByItself: boolean;
}

/** States in which a thing costs something or may come to; what has no entry always does. */
const alive: Readonly<Partial<Record<Belonging['kind'], readonly string[]>>> = {
  instance: ['pending', 'running', 'stopping', 'stopped'],
  fleet: ['submitted', 'active', 'modifying'],
  // One that is attached is used by something.
  volume: ['available', 'error'],
};

/** The orphans among what one complete look has shown. */
export function orphansOf(belongings: readonly Belonging[], claims: Claims): Orphan[] {
  return (
    belongings
      .filter((one) => alive[one.kind]?.includes(one.state) ?? true)
      .filter((one) => one.tags[tagNames.installation] === claims.installation)
      // What a user had made is wanted, whether a portal uses it just now or not.
      .filter((one) => isMachine(one) || one.tags[tagNames.createdBy] === undefined)
      .map((one) => judge(one, belongings, claims))
      .filter((one) => one !== undefined)
  );
}

function judge(belonging: Belonging, belongings: readonly Belonging[], claims: Claims): Orphan | undefined {
  const { tags } = belonging;
  const portal = tags[tagNames.portal];
  const opening = tags[tagNames.opening];
  const machine = isMachine(belonging);
  const isOfFleet = !isOfNoFleet(belonging);
  if (machine && isOfFleet && claims.openings.has(openingKey(portal ?? '', opening ?? ''))) return undefined;
  const names = namesOf(belonging, belongings);
  const isNamedIn = (text: string): boolean => names.some((name) => mentions(text, name));
  if (claims.records.some(isNamedIn)) return undefined;
  const keeper = claims.leftFiles.find((file) => file.portal === portal || isNamedIn(file.text));
  return {
    belonging,
    portal: portal ?? '',
    // Without the whole of its tags it may be somebody's own work: that is told, not ended.
    endsByItself:
      machine && isOfFleet && keeper === undefined && portal !== undefined && opening !== undefined,
    ...(keeper !== undefined && { keptFor: keeper.path }),
  };
}

/** portald launches by spot fleets alone, and only AWS can give the tag of one: this may be any instance of the account. */
export function isOfNoFleet({ kind, origins }: Belonging): boolean {
  return kind === 'instance' && origins.length === 0;
}

function isMachine({ kind }: Belonging): boolean {
  return kind === 'instance' || kind === 'fleet';
}

/** A fleet and its instances stand and fall together; so do a snapshot and its volume. */
function namesOf({ id, kind, origins }: Belonging, belongings: readonly Belonging[]): string[] {
  const offspring =
    kind === 'fleet' ? belongings.filter((one) => one.origins.includes(id)).map((one) => one.id) : [];
  return [id, ...origins, ...offspring];
}

/** Whether the text has the id; `i-1` is not in `ami-1`. What is cut off after an id cannot be told, so it counts. */
function mentions(text: string, id: string): boolean {
  for (let at = text.indexOf(id); at >= 0; at = text.indexOf(id, at + 1)) {
    if (!/[a-z]/i.test(text.charAt(at - 1))) return true;
  }
  return false;
}
