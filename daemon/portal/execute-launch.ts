// Steps that make and end machines. Intents are on disk before a call is made.
import { type ErrorKind, PortalError } from '../../protocol/errors.ts';
import type { FleetRequest } from './cloud.ts';
import { atOnce, generationOf, type Outcome, type PortalContext } from './context.ts';
import { disconnect } from './disconnect.ts';
import { launchPauseMs, restMs, unanswered } from './launch-pause.ts';
import { launchWords } from './launch-words.ts';
import { loginBy } from './login.ts';
import {
  type Failure,
  type GenerationRecord,
  type PortalRecord,
  withFleet,
  withGeneration,
} from './record.ts';
import { launchSpecification, withNextSpecification } from './reload.ts';
import { spareOf } from './standing.ts';
import type { StepOf } from './steps.ts';

export async function beginGeneration(
  step: StepOf<'begin-generation'>,
  context: PortalContext,
): Promise<Outcome> {
  const { now, hostKeys, randomId } = context;
  const seeded =
    loginBy(launchSpecification(context.record())).hostKey === 'seeded' ? hostKeys.generate() : undefined;
  await context.change((before) => {
    const record = withNextSpecification(before);
    const number = record.nextGeneration;
    const { spot_instance: instance, spot_fleet: fleet } = record.specification;
    const request: FleetRequest = {
      token: `portald-${record.opening}-${number}-${randomId()}`.slice(0, 64),
      portal: record.name,
      opening: record.opening,
      generation: number,
      fleetRole: fleet.iam_fleet_role,
      instanceTypes: step.instanceTypes,
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
      request,
      login: loginBy(record.specification),
      hostKeys: seeded === undefined ? [] : [seeded.publicKey],
      ...(step.spareOf !== undefined && { spareOf: step.spareOf }),
    };
    const generations = record.generations.map((one) =>
      one.number === step.spareOf ? { ...one, spareBegunAt: now() } : one,
    );
    return { ...record, nextGeneration: number + 1, generations: [...generations, generation] };
  });
  return atOnce;
}

export async function requestFleet(step: StepOf<'request-fleet'>, context: PortalContext): Promise<Outcome> {
  const { now } = context;
  await context.change((record) => withGeneration(record, step.generation, { requestedAt: now() }));
  const { request } = generationOf(context, step.generation);
  try {
    const fleetId = await context.cloud.requestFleet(request);
    const types = request.instanceTypes.join(' or ');
    const text = `requested a spot fleet for ${types} in ${request.zone}: ${fleetId}`;
    await context.change((record) => withFleet(record, step.generation, fleetId), [{ level: 'info', text }]);
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
  await context.change(
    (record) => {
      const told = withLaunchFailure(record, generation, failure, context);
      if (unanswered.has(kind)) return told;
      // Refused for certain: there is no fleet, so nothing of this generation is left to be found.
      const without = { ...told, generations: record.generations.filter((one) => one.number !== generation) };
      if (record.everOpen || poolFailures.has(kind)) return without;
      return { ...without, failure, wish: 'closed', wishedAt: now };
    },
    [{ level: 'warning', text: message }],
  );
}

export async function adoptInstance(
  step: StepOf<'adopt-instance'>,
  context: PortalContext,
): Promise<Outcome> {
  const { kind: _adopt, generation, fleetId, instanceId } = step;
  await context.change(
    ({ launchFailure: _cured, launchNotBefore: _past, ...record }) =>
      withGeneration(fleetId === undefined ? record : withFleet(record, generation, fleetId), generation, {
        instanceId,
        adoptedAt: context.now(),
      }),
    [{ level: 'info', text: `instance ${instanceId} is launched` }],
  );
  return atOnce;
}

export async function abandonPool(step: StepOf<'abandon-pool'>, context: PortalContext): Promise<Outcome> {
  const now = context.now();
  const { instanceTypes, zone } = generationOf(context, step.generation).request;
  const words = launchWords(step.because, instanceTypes, zone, step.reason);
  await context.change(
    (record) =>
      withGeneration(
        withLaunchFailure(record, step.generation, { kind: step.because, ...words, at: now }, context),
        step.generation,
        { abandonedAt: now },
      ),
    [{ level: 'warning', text: words.message }],
  );
  return atOnce;
}

export async function abandonSpare(step: StepOf<'abandon-spare'>, context: PortalContext): Promise<Outcome> {
  await context.change(
    (record) => withGeneration(record, step.generation, { abandonedAt: context.now() }),
    [{ level: 'info', text: 'no notice came: the replacement that stood by is ended' }],
  );
  return atOnce;
}

export async function cancelFleet(step: StepOf<'cancel-fleet'>, context: PortalContext): Promise<Outcome> {
  // Its instance ends with it.
  await disconnect(step.generation, context);
  // The instance that is on record is ended by itself, if need be.
  await context.cloud.cancelFleet(step.fleetId, { mayLeaveInstances: true });
  await context.change((record) =>
    withGeneration(record, step.generation, { fleetCancelledAt: context.now() }),
  );
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

/** Failures of a pool: it rests, and another one may do. */
const poolFailures: ReadonlySet<ErrorKind> = new Set(['capacity', 'price']);

/** The record after a launch of `generation` failed: what rests, and when the next one may be tried. */
function withLaunchFailure(
  record: PortalRecord,
  generation: number,
  failure: Failure,
  { now, random }: PortalContext,
): PortalRecord {
  const { launchFailure: earlier } = record;
  // What stands by may come to nothing: the portal is open without it.
  if (spareOf(record)?.number === generation && !unanswered.has(failure.kind)) return record;
  const failures = (earlier?.failures ?? 0) + 1;
  const beside = record.generations.some(
    (one) => one.number !== generation && one.instanceId !== undefined && one.goneAt === undefined,
  );
  const types = record.generations.find((one) => one.number === generation)?.request.instanceTypes ?? [];
  const resting = poolFailures.has(failure.kind) ? types : [];
  const until = now() + restMs(random());
  return {
    ...record,
    launchFailure: { ...failure, at: earlier?.at ?? failure.at, failures },
    launchNotBefore: now() + launchPauseMs(failure.kind, failures, random(), beside),
    unavailable: [
      ...record.unavailable.filter((one) => !resting.includes(one.instanceType) && one.until > now()),
      ...resting.map((instanceType) => ({ instanceType, until })),
    ],
  };
}
