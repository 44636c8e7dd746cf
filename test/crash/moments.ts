// The three moments around a call that changes something at which a crash matters most.
import { eventually } from '../fixture/eventually.ts';
import { type CrashFixture, untilHeld } from './crash-fixture.ts';

export const moments = ['before the call', 'committed, no reply', 'replied, not written down'] as const;
export type Moment = (typeof moments)[number];

/** One call of a life: the nth (from 0) of its action. */
export interface CallOfLife {
  readonly action: string;
  readonly nth: number;
}

/**
 * Kills portald at a moment of a call from now on, and starts it again. Resolves to whether the call came before `over`
 * said that there will be none.
 */
export async function crashAt(
  fixture: CrashFixture,
  { action, nth }: CallOfLife,
  moment: Moment,
  over: () => boolean,
): Promise<boolean> {
  const kind = moment === 'before the call' ? 'hold-before' : 'hold-after';
  const rule = await fixture.fault({ action, kind, skip: nth, count: 1 });
  if ((await untilHeld(fixture.programs, rule.id, over)) === undefined) {
    await rule.end();
    return false;
  }
  if (moment === 'replied, not written down') {
    fixture.writes.stall();
    await rule.end();
    await eventually('portald wants to write down what it learnt', () =>
      fixture.writes.stalled() || over() ? true : undefined,
    );
  }
  await fixture.kill('SIGKILL');
  fixture.writes.goOn();
  await fixture.start();
  return true;
}
