// The table of executors: one for every kind of step, or this file does not compile.
import { atOnce, type Outcome, type PortalContext } from './context.ts';
import { disconnect } from './disconnect.ts';
import * as handover from './execute-handover.ts';
import * as launch from './execute-launch.ts';
import * as onInstance from './execute-on-instance.ts';
import * as volumes from './execute-volumes.ts';
import type { Step, StepKind, StepOf } from './steps.ts';

type Executors = { readonly [K in StepKind]: (step: StepOf<K>, context: PortalContext) => Promise<Outcome> };

const executors: Executors = {
  wait: (step) => Promise.resolve({ againMs: step.ms }),
  'note-notice': handover.noteNotice,
  'note-gone': handover.noteGone,
  'begin-generation': launch.beginGeneration,
  'request-fleet': launch.requestFleet,
  'adopt-instance': launch.adoptInstance,
  'abandon-pool': launch.abandonPool,
  'abandon-spare': launch.abandonSpare,
  'cancel-fleet': launch.cancelFleet,
  'terminate-instance': launch.terminateInstance,
  'retire-generation': handover.retireGeneration,
  connect: onInstance.connect,
  'read-console-keys': onInstance.readConsoleKeys,
  'pin-host-key': onInstance.pinHostKey,
  'confirm-host-key': onInstance.confirmHostKey,
  'inspect-volumes': volumes.inspectVolumes,
  'attach-volume': volumes.attachVolume,
  'detach-volume': volumes.detachVolume,
  'mount-volumes': volumes.mountVolumes,
  hold: handover.hold,
  'install-packages': onInstance.installPackages,
  'start-channels': onInstance.startChannels,
  'run-on-open': onInstance.runOnOpen,
  'note-ready': handover.noteReady,
  drain: handover.drain,
  release: handover.release,
  async fail({ failure }, context) {
    for (const one of context.record().generations) {
      if (one.hostKeyDisprovedAt !== undefined) await disconnect(one.number, context);
    }
    await context.change(
      (record) => ({ ...record, failure, wish: 'closed', wishedAt: context.now() }),
      [{ level: 'error', text: failure.message }],
    );
    return atOnce;
  },
  async 'finish-close'(_step, context) {
    await context.channels.close();
    await context.change(
      (record) => ({ ...record, closedAt: context.now(), holder: 0 }),
      [{ level: 'info', text: 'EC2 shows nothing left of it' }],
    );
    return atOnce;
  },
};

/** Does one step. Rejects with PortalError for what can be expected to go wrong. */
export function execute(step: Step, context: PortalContext): Promise<Outcome> {
  // The table's type pairs every kind with its own step; the compiler cannot follow that through an index.
  const executor = executors[step.kind] as (step: Step, context: PortalContext) => Promise<Outcome>;
  return executor(step, context);
}
