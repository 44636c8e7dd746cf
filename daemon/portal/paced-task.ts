// How a decider asks for work that runs on beside the loop: started, awaited, tried again after a pause.
import { restMs } from './awaiting.ts';
import type { Observation } from './observation.ts';
import type { GenerationRecord, PortalRecord } from './record.ts';
import { doing, retryPauseMs, taskOf, waiting } from './standing.ts';
import type { Decision } from './steps.ts';

/** A first opening is given up after so many failures of one task: a machine that is no use must not go on billing. */
const openingAttempts = 3;

/** Starts the task, waits while it runs, pauses after a failure; a first opening is given up after some failures. */
export function pacedTask(
  record: PortalRecord,
  worker: GenerationRecord,
  observation: Observation,
  kind: 'inspect-volumes' | 'mount-volumes' | 'install-packages',
  what: string,
): Decision {
  const task = taskOf(worker, observation, kind);
  if (task?.state === 'running') return waiting(restMs, what, `on ${worker.instanceId}`);
  if (task?.state === 'failed') {
    const { difficulty } = task;
    if (!record.everOpen && task.attempts >= openingAttempts && difficulty !== undefined) {
      const { since, ...told } = difficulty;
      return doing({ kind: 'fail', failure: { ...told, at: since } }, 'giving up', difficulty.message);
    }
    const pause = retryPauseMs(task.attempts) - (observation.now - task.since);
    if (pause > 0) return waiting(pause, `${what}: trying again soon`, difficulty?.message ?? 'it failed');
  }
  return doing({ kind, generation: worker.number }, what, `on ${worker.instanceId}`);
}
