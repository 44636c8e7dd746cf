// Steps that make and end machines. Intents are on disk before a call is made.
import { PortalError } from '../../protocol/errors.ts';
import type { FleetRequest } from './cloud.ts';
import { atOnce, generationOf, type Outcome, type PortalContext } from './context.ts';
import { disconnect } from './disconnect.ts';
import { withAbandoned, withInstance, withRefusal } from './launch-outcome.ts';
import { launchWords } from './launch-words.ts';
import { loginBy } from './login.ts';
import { type GenerationRecord, withFleet, withGeneration } from './record.ts';
import { launchSpecification, withNextSpecification } from './reload.ts';
import type { StepOf } from './steps.ts';
import { isUnanswered, withUnanswered } from './unanswered.ts';

export async function beginGeneration(
  step: StepOf<'begin-generation'>,
  context: PortalContext,
): Promise<Outcome> {
  const { now, hostKeys, randomId } = context;
  const seeded =
    loginBy(launchSpecification(context.record())).hostKey === 'seeded' ? hostKeys.generate() : undefined;
  const threatened = context.record().generations.find((one) => one.number === step.spareOf)?.instanceId;
  const text = `AWS recommends to leave ${threatened}: launching a replacement that stands by`;
  const causes = threatened === undefined ? [] : [{ level: 'info', text } as const];
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
  }, causes);
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
  const { now, random } = context;
  const { kind, message, hint } = error;
  const failure = { kind, message, ...(hint !== undefined && { hint }) };
  await context.change(
    (record) =>
      isUnanswered(kind)
        ? withUnanswered(record, generation, { ...failure, at: now() }, random())
        : withRefusal(record, generation, failure, now(), random()),
    [{ level: 'warning', text: message }],
  );
}

export async function adoptInstance(
  step: StepOf<'adopt-instance'>,
  context: PortalContext,
): Promise<Outcome> {
  await context.change(
    (record) => withInstance(record, step, context.now()),
    [{ level: 'info', text: `instance ${step.instanceId} is launched` }],
  );
  return atOnce;
}

export async function abandonPool(step: StepOf<'abandon-pool'>, context: PortalContext): Promise<Outcome> {
  const { now, random } = context;
  const { generation, because, reason } = step;
  const { instanceTypes, zone } = generationOf(context, generation).request;
  const words = launchWords(because, instanceTypes, zone, reason);
  await context.change(
    (record) => withAbandoned(record, generation, { kind: because, ...words }, now(), random()),
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
  return { againMs: 300, told: `terminating ${step.instanceId}: ${step.reason}` };
}
