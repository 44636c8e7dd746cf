// What happened and what happens, told as lines for people or as documents.
import type { Message } from '../protocol/events.ts';
import type { PortalView } from '../protocol/portal-view.ts';
import type { DeltaEvent, SnapshotEvent } from './connection.ts';
import { clockText, momentText } from './duration.ts';
import type { Output } from './output.ts';

export interface EventTeller {
  /** What happened before, oldest first; nothing of it in JSON. */
  history(events: readonly Message[]): void;
  /** How things stand, after what happened before. */
  snapshot(event: SnapshotEvent, events: readonly Message[]): void;
  delta(event: DeltaEvent): void;
}

/** `nowMs` is the daemon's time. */
export function eventTeller(output: Output, nowMs: number): EventTeller {
  const known = new Map<string, PortalView>();
  const told = ({ at, portal, level, text }: Message, when = clockText(at)): void => {
    const style = level === 'error' ? 'red' : 'yellow';
    output.line({ text: when, style: 'dim' }, ` ${portal}: `, level === 'info' ? text : { text, style });
  };
  const history = (events: readonly Message[]): void => {
    for (const one of events) told(one, momentText(one.at, nowMs));
  };
  return {
    history,
    snapshot(event, events) {
      if (output.json) {
        output.value(event);
        output.value({ type: 'history', events });
        return;
      }
      history(events);
      for (const portal of event.portals) known.set(portal.name, portal);
      const list = event.portals.map(({ name, state }) => `${name} ${state}`).join(', ');
      output.line(event.portals.length === 0 ? 'no portals yet' : `now: ${list}`);
    },
    delta(event) {
      if (output.json) {
        output.value(event);
        return;
      }
      if (event.type === 'message') {
        told(event.message);
        return;
      }
      // Most changes of a view only move a counter; people want to see those of the state.
      const { portal } = event;
      const before = known.get(portal.name);
      known.set(portal.name, portal);
      if (before?.state === portal.state) return;
      const doing = portal.step.what === portal.state ? '' : `: ${portal.step.what}`;
      output.line(
        { text: clockText(portal.step.since), style: 'dim' },
        ` ${portal.name}: ${before?.state ?? 'new'} → ${portal.state}${doing}`,
      );
    },
  };
}
