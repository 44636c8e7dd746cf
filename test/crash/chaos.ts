// What may befall portals, portald and EC2's answers: each act does one thing by chance and tells what it was.
import { setTimeout as sleep } from 'node:timers/promises';
import { PortalError } from '../../protocol/errors.ts';
import type { Chance } from './chance.ts';
import type { CrashFixture } from './crash-fixture.ts';
import { kindsFor, ruleOf } from './fault-kinds.ts';
import { booksOf, instancesOf } from './judge.ts';
import type { User } from './user.ts';

export type Act = (chance: Chance) => Promise<string>;

const troubledActions = [
  'DescribeInstances',
  'DescribeVolumes',
  'DescribeSpotFleetRequests',
  'DescribeSpotFleetInstances',
  'DescribeSpotInstanceRequests',
  'RequestSpotFleet',
  'CancelSpotFleetRequests',
  'TerminateInstances',
  'AttachVolume',
  'DetachVolume',
] as const;

/** Opens, closes, and troubles the portal's instance; those that it lets die suddenly are noted in `sudden`. */
export function portalActs(fixture: CrashFixture, user: User, sudden: Set<string>): Act {
  const { control } = fixture.programs;
  const inTrouble = async (
    chance: Chance,
    path: string,
    more: object,
    chosen?: (instanceId: string) => void,
  ): Promise<boolean> => {
    // AWS gives notice of an end once.
    const running = instancesOf(await booksOf(fixture), user.name).filter(
      (one) => one.state === 'running' && (path !== 'notice' || one.interruption === undefined),
    );
    if (running.length === 0) return false;
    const { instanceId } = chance.pick(running);
    chosen?.(instanceId);
    await control.post(path, { instanceId, ...more });
    return true;
  };
  const network = async (chance: Chance, mode: string): Promise<string> => {
    await inTrouble(chance, 'network', { mode });
    await sleep(500 + chance.below(2500));
    for (const one of instancesOf(await booksOf(fixture), user.name)) {
      if (one.state === 'running') await control.post('network', { instanceId: one.instanceId, mode: 'ok' });
    }
    return mode;
  };
  const acts: readonly Act[] = [
    async (chance) => ((await inTrouble(chance, 'notice', {})) ? 'notice' : 'no notice'),
    async (chance) => {
      const died = await inTrouble(chance, 'kill', {}, (instanceId) => sudden.add(instanceId));
      return died ? 'sudden death' : 'no death';
    },
    (chance) => network(chance, 'blackhole'),
    (chance) => network(chance, 'refuse'),
    async (chance) => {
      user.save(`file-${chance.below(5)}`, String(chance.below(1000)));
      return 'save';
    },
    async (chance) => {
      if (chance.below(3) > 0) return 'no close';
      await user.ask('portal.close');
      return 'close';
    },
  ];
  return async (chance) => {
    await sleep(300 + chance.below(1200));
    const state = (await user.view())?.state;
    if (state === undefined || state === 'closed' || state === 'failed') {
      const answer = await user.ask('portal.open');
      return answer === undefined || answer instanceof PortalError ? 'open, refused' : 'open';
    }
    return chance.pick(acts)(chance);
  };
}

/** Kills, ends or stops portald; it runs again in the end. */
export function portaldActs(fixture: CrashFixture): Act {
  return async (chance) => {
    await sleep(1500 + chance.below(2500));
    const how = chance.pick(['SIGKILL', 'SIGTERM', 'SIGSTOP'] as const);
    if (how === 'SIGSTOP') {
      fixture.portald().kill('SIGSTOP');
      await sleep(300 + chance.below(2000));
      fixture.portald().kill('SIGCONT');
    } else {
      await fixture.kill(how);
      await fixture.start();
    }
    return how;
  };
}

/** Lets some calls of one action fail in some way. */
export function callActs(fixture: CrashFixture): Act {
  return async (chance) => {
    await sleep(500 + chance.below(1000));
    const action = chance.pick(troubledActions);
    const kind = chance.pick(kindsFor(!action.startsWith('Describe')));
    const fault = await fixture.fault(ruleOf(action, kind, 0));
    await sleep(chance.below(2000));
    await fault.end();
    return `${action}: ${kind}`;
  };
}
