// Steps that make and end machines. Intents are on disk before a call is made.
import { type ErrorKind, PortalError } from '../../protocol/errors.ts';
import type { FleetRequest } from './cloud.ts';
import { atOnce, generationOf, type Outcome, type PortalContext } from './context.ts';
import { disconnect } from './disconnect.ts';
import { type GenerationRecord, type PortalRecord, withGeneration } from './record.ts';
import type { StepOf } from './steps.ts';

/** A pool without capacity is left alone for so long. */
const unavailableMs = 3 * 60_000;
/** Pause after a launch that failed for a reason that time alone rarely cures. */
const failedLaunchPauseMs = 60_000;
/** Pause after a launch whose outcome is unknown or that was throttled. */
const unansweredPauseMs = 3000;

/** Errors after which the request may have been carried out all the same. */
const unanswered: ReadonlySet<ErrorKind> = new Set(['endpoint', 'throttled', 'credentials']);

export async function beginGeneration(
  step: StepOf<'begin-generation'>,
  context: PortalContext,
): Promise<Outcome> {
  const { now, hostKeys, randomId } = context;
  const seeded =
    (context.record().specification.host_key ?? 'seeded') === 'seeded' ? hostKeys.generate() : undefined;
  await context.change((record) => {
    const number = record.nextGeneration;
    const { spot_instance: instance, spot_fleet: fleet } = record.specification;
    const request: FleetRequest = {
      token: `portald-${record.opening}-${number}-${randomId()}`.slice(0, 64),
      portal: record.name,
      opening: record.opening,
      generation: number,
      fleetRole: fleet.iam_fleet_role,
      instanceType: step.instanceType,
      imageId: instance.image_id,
      keyPairName: instance.key_pair_name,
      securityGroupId: instance.security_group_id,
      zone: instance.availability_zone,
      userData: seeded === undefined ? '#cloud-config\n{}\n' : hostKeys.userData(seeded),
      ...(instance.subnet_id !== undefined && { subnetId: instance.subnet_id }),
      ...(instance.ebs_optimized !== undefined && { ebsOptimized: instance.ebs_optimized }),
      ...(record.rootDevice !== undefined && { rootDevice: record.rootDevice }),
    };
    const generation: GenerationRecord = {
      number,
      startedAt: now(),
      instanceType: step.instanceType,
      request,
      hostKeys: seeded === undefined ? [] : [seeded.publicKey],
      ...(seeded !== undefined && { seededHostKey: seeded }),
    };
    return { ...record, nextGeneration: number + 1, generations: [...record.generations, generation] };
  });
  return atOnce;
}

export async function requestFleet(step: StepOf<'request-fleet'>, context: PortalContext): Promise<Outcome> {
  const { now } = context;
  await context.change((record) => withGeneration(record, step.generation, { requestedAt: now() }));
  const { request } = generationOf(context, step.generation);
  try {
    const fleetId = await context.cloud.requestFleet(request);
    await context.change((record) => withGeneration(record, step.generation, { fleetId }));
    context.tell('info', `requested a spot fleet for ${request.instanceType} in ${request.zone}: ${fleetId}`);
  } catch (error) {
    if (!(error instanceof PortalError)) throw error;
    await noteRefusal(error, step.generation, context);
  }
  return atOnce;
}

async function noteRefusal(error: PortalError, generation: number, context: PortalContext): Promise<void> {
  const now = context.now();
  const { kind, message, hint } = error;
  const failure = { kind, message, at: now, ...(hint !== undefined && { hint }) };
  const pauseMs = unanswered.has(kind) ? unansweredPauseMs : failedLaunchPauseMs;
  context.tell('warning', message);
  await context.change((record) => {
    const told: PortalRecord = { ...record, launchFailure: failure, launchNotBefore: now + pauseMs };
    if (unanswered.has(kind)) return told;
    // Refused for certain: there is no fleet, so nothing of this generation is left to be found.
    const without = { ...told, generations: record.generations.filter((one) => one.number !== generation) };
    if (kind === 'capacity') {
      const instanceType = record.generations.find((one) => one.number === generation)?.instanceType ?? '';
      return { ...without, launchNotBefore: now, unavailable: unavailableWith(record, instanceType, now) };
    }
    return record.everOpen ? without : { ...without, failure, wish: 'closed', wishedAt: now };
  });
}

export async function adoptInstance(
  step: StepOf<'adopt-instance'>,
  context: PortalContext,
): Promise<Outcome> {
  const { generation, instanceId } = step;
  await context.change(({ launchFailure: _cured, launchNotBefore: _past, ...record }) =>
    withGeneration(record, generation, { instanceId, adoptedAt: context.now() }),
  );
  context.tell('info', `instance ${instanceId} is launched`);
  return atOnce;
}

export async function abandonPool(step: StepOf<'abandon-pool'>, context: PortalContext): Promise<Outcome> {
  const now = context.now();
  const { instanceType } = generationOf(context, step.generation);
  context.tell('warning', `no ${instanceType} to be had: ${step.reason}`);
  await context.change((record) => ({
    ...withGeneration(record, step.generation, { abandonedAt: now }),
    unavailable: unavailableWith(record, instanceType, now),
    launchFailure: { kind: 'capacity', message: `no ${instanceType}: ${step.reason}`, at: now },
  }));
  return atOnce;
}

export async function cancelFleet(step: StepOf<'cancel-fleet'>, context: PortalContext): Promise<Outcome> {
  // Its instance ends with it.
  await disconnect(step.generation, context);
  await context.cloud.cancelFleet(step.fleetId);
  return { againMs: 300 };
}

export async function terminateInstance(
  step: StepOf<'terminate-instance'>,
  context: PortalContext,
): Promise<Outcome> {
  const generation = context.record().generations.find((one) => one.instanceId === step.instanceId);
  if (generation !== undefined) await disconnect(generation.number, context);
  await context.cloud.terminateInstance(step.instanceId);
  context.tell('info', `terminating ${step.instanceId}: ${step.reason}`);
  return { againMs: 300 };
}

function unavailableWith(
  record: PortalRecord,
  instanceType: string,
  now: number,
): PortalRecord['unavailable'] {
  const others = record.unavailable.filter((one) => one.instanceType !== instanceType && one.until > now);
  return [...others, { instanceType, until: now + unavailableMs }];
}
