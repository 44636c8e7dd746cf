// Every kind of step that `decide` can ask for. The executor table is typed by this union: a new kind without an
// executor does not compile.
import type { ErrorKind } from '../../protocol/errors.ts';
import type { Difficulty } from './gateways.ts';
import type { Failure, Notice } from './record.ts';

export type Step =
  /** Nothing to do until `ms` have passed or something kicks. */
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'note-notice'; readonly generation: number; readonly notice: Notice }
  | { readonly kind: 'note-gone'; readonly generation: number; readonly reason: string }
  | {
      readonly kind: 'begin-generation';
      readonly instanceTypes: readonly string[];
      readonly spareOf?: number;
    }
  | { readonly kind: 'abandon-spare'; readonly generation: number }
  | { readonly kind: 'request-fleet'; readonly generation: number }
  | {
      readonly kind: 'adopt-instance';
      readonly generation: number;
      readonly instanceId: string;
      /** Its fleet, where the answer to the request was lost. */
      readonly fleetId?: string;
    }
  | {
      readonly kind: 'abandon-pool';
      readonly generation: number;
      readonly because: ErrorKind;
      readonly reason: string;
    }
  | { readonly kind: 'cancel-fleet'; readonly generation: number; readonly fleetId: string }
  | { readonly kind: 'terminate-instance'; readonly instanceId: string; readonly reason: string }
  | { readonly kind: 'retire-generation'; readonly generation: number }
  | { readonly kind: 'connect'; readonly generation: number }
  | { readonly kind: 'read-console-keys'; readonly generation: number }
  | { readonly kind: 'pin-host-key'; readonly generation: number; readonly hostKey: string }
  | { readonly kind: 'confirm-host-key'; readonly generation: number }
  | { readonly kind: 'inspect-volumes'; readonly generation: number }
  | { readonly kind: 'attach-volume'; readonly generation: number; readonly volumeId: string }
  | {
      readonly kind: 'detach-volume';
      readonly volumeId: string;
      readonly instanceId: string;
      /** Its attachment to this generation hangs. */
      readonly hungOn?: number;
    }
  | { readonly kind: 'mount-volumes'; readonly generation: number }
  | { readonly kind: 'hold'; readonly generation: number }
  | { readonly kind: 'install-packages'; readonly generation: number }
  | { readonly kind: 'start-channels'; readonly generation: number }
  | { readonly kind: 'run-on-open'; readonly generation: number }
  | { readonly kind: 'note-ready'; readonly generation: number }
  | { readonly kind: 'drain'; readonly generation: number }
  | { readonly kind: 'release'; readonly generation: number; readonly timeoutMs: number }
  | { readonly kind: 'fail'; readonly failure: Failure }
  | { readonly kind: 'finish-close' };

export type StepKind = Step['kind'];
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;

/** What a step is about; the rest of it, a time or a reason, may be another at each try. */
const subjects = ['kind', 'generation', 'instanceId', 'volumeId', 'fleetId'];

/** The same for each try of a step. */
export function stepKey(step: Step): string {
  return JSON.stringify(step, subjects);
}

/** Steps that run on beside the loop, one at a time per generation; their outcome is seen in `Observation.tasks`. */
export type TaskKind =
  | 'confirm-host-key'
  | 'inspect-volumes'
  | 'mount-volumes'
  | 'install-packages'
  | 'run-on-open'
  | 'drain'
  | 'release';

/** What is done next, and how it is told. */
export interface Decision {
  readonly step: Step;
  /** For people: what goes on, in a few words. */
  readonly what: string;
  readonly reason: string;
  /** Why it is waited, where a person may want to do something about it. */
  readonly trouble?: Omit<Difficulty, 'since'>;
}

/** Steps that end what is not wanted any more. */
export const endingSteps: ReadonlySet<StepKind> = new Set([
  'note-gone',
  'cancel-fleet',
  'terminate-instance',
  'retire-generation',
]);

/** Steps whose effect must be seen in EC2's next answers before anything more is decided. */
export const cloudSteps: ReadonlySet<StepKind> = new Set([
  'request-fleet',
  'cancel-fleet',
  'terminate-instance',
  'attach-volume',
  'detach-volume',
]);
