// A whole simulated life of a portal: a storm of events, then calm, in which its wish must come true.
import assert from 'node:assert/strict';
import { decide } from '../../../daemon/portal/decide.ts';
import { typesOf } from '../../../daemon/portal/pools.ts';
import type { PortalRecord } from '../../../daemon/portal/record.ts';
import { cloudSteps, type Decision } from '../../../daemon/portal/steps.ts';
import { PortalError } from '../../../protocol/errors.ts';
import { apply } from './apply.ts';
import { Killed, Refused } from './apply-launch.ts';
import { leftOver } from './calls.ts';
import type { Chance } from './chance.ts';
import { calm, close, restart, somethingHappens } from './events.ts';
import { wrongAnywhere, wrongInLife } from './judge.ts';
import { look } from './look.ts';
import { catchUp, type Life } from './machine-side.ts';
import { createMemory } from './memory.ts';
import { advance, createRegion, isAlive } from './region.ts';

/** Simulated time in which a wish must come true once nothing goes wrong any more. */
const settlingMs = 60 * 60_000;
/** So many steps without a second passing are a loop that spins. */
const busySteps = 60;

export interface Told {
  readonly lines: string[];
  steps: number;
}

/** Lives one life; throws with what went wrong. `told` is what happened so far. */
export function live(record: PortalRecord, chance: Chance, told: Told): void {
  const life = beginLife(record, chance);
  const { region } = life;
  const storm = chance.between(0, 400);
  for (let count = 0; count < storm && life.record.closedAt === undefined; count++) {
    somethingHappens(life);
    turn(life, told);
  }
  calm(life);
  if (chance.happens(0.4)) close(life);
  const until = region.now + settlingMs;
  let recent: number[] = [];
  while (!isSettled(life)) {
    const began = region.now;
    const decision = turn(life, told);
    recent = [...recent.filter((at) => began - at < 1000), began];
    assert.ok(recent.length < busySteps, `the loop spins on ${decision.step.kind}`);
    assert.ok(region.now < until, `not settled: ${decision.what} (${decision.reason})`);
  }
}

/** A life just begun, in a region where everything is to be had. */
export function beginLife(record: PortalRecord, chance: Chance): Life {
  const region = createRegion(
    record.openedAt,
    record.specification.persistent_volumes.map((one) => one.volume_id),
    typesOf(record.specification),
  );
  const earlyReplacementMs = chance.pick([0, 600_000]);
  const memory = createMemory(() => region.now);
  return { record, memory, region, chance, earlyReplacementMs, stormy: true };
}

/** One turn of the loop, in which time passes. */
export function turn(life: Life, told: Told): Decision {
  const { memory, region, chance } = life;
  const observation = look(life);
  const decision = decide(life.record, observation);
  told.steps += 1;
  told.lines.push(
    `${region.now - life.record.openedAt} ms: ${JSON.stringify(decision.step)} ${decision.what}`,
  );
  assert.deepEqual(decide(life.record, observation), decision, 'the same twice gives the same');
  const wrong = wrongAnywhere(life.record, observation, decision) ?? wrongInLife(life, observation, decision);
  assert.equal(wrong, undefined);
  const acted = decision.step.kind !== 'wait';
  let againMs: number;
  try {
    againMs = apply(life, decision.step);
    memory.trouble.succeeded(decision.step);
    if (cloudSteps.has(decision.step.kind)) memory.actedAt = region.now;
    memory.restedMs = acted ? 5000 : Math.min(5000, againMs);
  } catch (error) {
    if (error instanceof Killed) {
      told.lines.push(`killed ${error.message}`);
      restart(life);
      return decision;
    }
    if (!(error instanceof Refused)) throw error;
    told.lines.push(`refused: ${error.message}`);
    memory.trouble.failed(decision.step, new PortalError(error.kind, error.message));
    memory.actedAt = region.now;
    againMs = 0;
  }
  // A kick may come at any time before.
  const kicked = chance.happens(0.2) ? chance.between(1, Math.max(1, againMs)) : againMs;
  advance(region, Math.max(1, kicked), chance);
  catchUp(life);
  return decision;
}

/** Whether what the user wished is so, in truth. */
function isSettled({ record, region, memory }: Life): boolean {
  if (record.closedAt !== undefined) {
    assert.deepEqual(leftOver(region), [], 'closed, and something is left');
    return true;
  }
  if (record.wish === 'closed') return false;
  const [only, ...more] = record.generations;
  const [machine, ...others] = region.machines.filter(isAlive);
  const { persistent_volumes: volumes, channels } = record.specification;
  return (
    more.length === 0 &&
    others.length === 0 &&
    only !== undefined &&
    machine !== undefined &&
    only.readyAt !== undefined &&
    only.instanceId === machine.id &&
    record.holder === only.number &&
    machine.notice === undefined &&
    machine.mounted.size === volumes.length &&
    (channels.length === 0 || memory.channelsOn === only.number)
  );
}
