// Orphans in words: what each is, whose it was, since when it is there, what it costs and what becomes of it.
import { dollarText } from '../protocol/dollars.ts';
import type { OrphanView } from '../protocol/orphan-view.ts';
import { durationText, relativeText } from './duration.ts';
import { tableLines } from './table.ts';

/** A table with a head; `nowMs` is the daemon's time. */
export function orphanLines(orphans: readonly OrphanView[], nowMs: number): string[] {
  return tableLines([
    ['ID', 'WHAT', 'STATE', 'PORTAL', 'AGE', 'COST', 'ENDS'],
    ...orphans.map((one) => [
      one.id,
      one.description,
      one.state,
      one.portal === '' ? '-' : one.portal,
      one.createdAt === undefined ? '-' : durationText(nowMs - Date.parse(one.createdAt)),
      costText(one),
      endText(one, nowMs),
    ]),
  ]);
}

function costText({ cost, kind }: OrphanView): string {
  if (cost === undefined) return kind === 'fleet' ? 'that of its instances' : 'unknown';
  const { dollars, per, about } = cost;
  return `${about ? 'about ' : ''}${dollarText(dollars)} ${per === 'hour' ? 'an hour' : 'a month'}`;
}

function endText({ endsByItself, endsAt, keptFor }: OrphanView, nowMs: number): string {
  if (keptFor !== undefined) return `kept for ${keptFor}`;
  if (!endsByItself) return 'only by orphans remove';
  return `by itself${endsAt === undefined ? '' : `, ${relativeTextOfEnd(endsAt, nowMs)}`}`;
}

function relativeTextOfEnd(endsAt: string, nowMs: number): string {
  return Date.parse(endsAt) > nowMs ? relativeText(endsAt, nowMs) : 'at the next look';
}
