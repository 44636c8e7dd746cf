// Steps on EC2 as the executors do them (execute-launch.ts, execute-volumes.ts): the record's changes, the calls, and a
// daemon that may die between any two of them.
import type { FleetRequest } from '../../../daemon/portal/cloud.ts';
import { withAbandoned, withInstance, withRefusal } from '../../../daemon/portal/launch-outcome.ts';
import { loginBy } from '../../../daemon/portal/login.ts';
import type { StepOf } from '../../../daemon/portal/steps.ts';
import { isUnanswered, withUnanswered } from '../../../daemon/portal/unanswered.ts';
import type { ErrorKind } from '../../../protocol/errors.ts';
import { type Answer, call, cancelFleet, requestFleet, terminate } from './calls.ts';
import { changeGeneration, type Life } from './machine-side.ts';
import { disconnect } from './memory.ts';

/** How long a call takes; less is spent when there is nobody to be called. */
const callMs = 150;

/** The daemon was killed in the middle of a step. */
export class Killed extends Error {}
/** A step was refused: it rests, and the loop decides again. */
export class Refused extends Error {
  readonly kind: ErrorKind;
  constructor(kind: ErrorKind) {
    super(kind);
    this.kind = kind;
  }
}

/** Makes the call; the daemon may be killed just before or just after it. */
export function attempt<T>(life: Life, act: () => Answer<T>): Answer<T> {
  const { chance, region, stormy } = life;
  if (stormy && chance.happens(0.01)) throw new Killed('before the call');
  const answer = call(region, stormy, chance, act);
  if (stormy && chance.happens(0.01)) throw new Killed('after the call');
  return answer;
}

/** As `attempt`, for calls whose refusal ends the step. */
export function demand(life: Life, act: () => Answer<void>): number {
  const answer = attempt(life, act);
  if ('refused' in answer) throw new Refused(answer.refused);
  return callMs;
}

export function beginGeneration(life: Life, step: StepOf<'begin-generation'>): number {
  const { record, region } = life;
  const { now } = region;
  const number = record.nextGeneration;
  region.count += 1;
  const request: FleetRequest = {
    token: `token-${number}-${region.count}`,
    portal: record.name,
    opening: record.opening,
    generation: number,
    fleetRole: 'role',
    instanceTypes: step.instanceTypes,
    imageId: 'ami-1',
    keyPairName: 'key',
    securityGroupId: 'sg-1',
    zone: 'a',
    userData: '',
  };
  const hostKeys = (record.specification.host_key ?? 'seeded') === 'seeded' ? ['ssh-ed25519 MINE'] : [];
  const { spareOf } = step;
  const generation = {
    number,
    startedAt: now,
    request,
    login: loginBy(record.specification),
    hostKeys,
    ...(spareOf !== undefined && { spareOf }),
  };
  const generations = record.generations.map((one) =>
    one.number === spareOf ? { ...one, spareBegunAt: now } : one,
  );
  life.record = {
    ...record,
    nextGeneration: number + 1,
    generations: [...generations, generation],
  };
  return 0;
}

export function request(life: Life, { generation: number }: StepOf<'request-fleet'>): number {
  const { now } = life.region;
  changeGeneration(life, number, { requestedAt: now });
  const generation = life.record.generations.find((one) => one.number === number);
  if (generation === undefined) throw new Error(`no generation ${number}`);
  const answer = attempt(life, () => requestFleet(life.region, generation.request, life.chance));
  if ('done' in answer) changeGeneration(life, number, { fleetId: answer.done });
  else {
    const kind = answer.refused;
    const failure = { kind, message: kind, at: now };
    life.record = isUnanswered(kind)
      ? withUnanswered(life.record, number, failure, life.chance.next())
      : withRefusal(life.record, number, failure, now, life.chance.next());
  }
  return life.region.credentialsExpired ? 1 : callMs;
}

export function adopt(life: Life, step: StepOf<'adopt-instance'>): number {
  life.record = withInstance(life.record, step, life.region.now);
  return 0;
}

export function abandonPool(life: Life, { generation, because, reason }: StepOf<'abandon-pool'>): number {
  const { record, region, chance } = life;
  const failure = { kind: because, message: reason };
  life.record = withAbandoned(record, generation, failure, region.now, chance.next());
  return 0;
}

export function cancel(life: Life, step: StepOf<'cancel-fleet'>): number {
  disconnect(life.memory, step.generation);
  const ms = demand(life, () => cancelFleet(life.region, step.fleetId, life.chance)) + 300;
  changeGeneration(life, step.generation, { fleetCancelledAt: life.region.now });
  return ms;
}

export function end(life: Life, step: StepOf<'terminate-instance'>): number {
  const owner = life.record.generations.find((one) => one.instanceId === step.instanceId);
  if (owner !== undefined) disconnect(life.memory, owner.number);
  return demand(life, () => terminate(life.region, step.instanceId, life.chance)) + 300;
}
