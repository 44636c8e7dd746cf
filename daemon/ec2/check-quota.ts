// Whether the account may rent the instance types at the spot price at all: a new one may rent no GPU.
import { typesOf } from './check-image.ts';
import { paged } from './describe.ts';
import type { Check, CheckContext, Finding } from './finding.ts';
import { type AskSpotQuota, quotaCode, type SpotQuota } from './service-quotas.ts';

const typePath = ['spot_instance', 'instance_type'] as const;

/** It asks another service than EC2, and so takes a permission of its own. */
export function checkQuota(ask: AskSpotQuota): Check {
  return {
    about: () => 'the spot quota',
    path: typePath,
    isEssential: false,
    async run(context) {
      const named = typesOf(context);
      const types = named.filter(({ name }, index) => named.findIndex((one) => one.name === name) === index);
      const names = types.map((one) => one.name);
      const needed = await vCpusOf(names, context);
      // Types of one family count to the same quota: that is asked for once.
      const families = new Map<string | undefined, ReturnType<typeof askFamily>>();
      const familyOf = (name: string): ReturnType<typeof askFamily> => {
        const family = families.get(quotaCode(name)) ?? askFamily(ask, name, context);
        families.set(quotaCode(name), family);
        return family;
      };
      const judged = await Promise.all(
        types.map(async ({ name, path }): Promise<Finding> => {
          const { quota, used } = await familyOf(name);
          if (quota === undefined) {
            const message = `the spot quota of ${name} could not be found out`;
            return { level: 'warning', path, kind: 'quota', message };
          }
          return { path, kind: 'quota', ...judgeQuota(name, quota, needed.get(name) ?? 0, used) };
        }),
      );
      return withoutNeed(judged);
    },
  };
}

async function askFamily(
  ask: AskSpotQuota,
  type: string,
  context: CheckContext,
): Promise<{ readonly quota: SpotQuota | undefined; readonly used: number }> {
  const [quota, used] = await Promise.all([ask(type, context.options.abortSignal), usedVCpus(type, context)]);
  return { quota, used };
}

/** A type without quota is passed over as long as there is another one. */
function withoutNeed(judged: readonly Finding[]): Finding[] {
  const isHopeless = judged.every((one) => one.level === 'problem');
  return judged.map((one) =>
    one.level === 'problem' && !isHopeless
      ? { ...one, level: 'warning', message: `${one.message}: it will not be launched` }
      : one,
  );
}

/** `needed` and `used` in vCPUs; `needed` of one instance, 0 if it is not known. */
export function judgeQuota(
  type: string,
  { name, code, vCpus }: SpotQuota,
  needed: number,
  used: number,
): Pick<Finding, 'level' | 'message' | 'hint'> {
  const hint = `ask for more in Service Quotas: ${name} (${code})`;
  const has = `"${name}" of the account is ${vCpus} vCPUs`;
  if (vCpus < Math.max(needed, 1))
    return { level: 'problem', message: `${has}, and ${type} needs ${needed || 'some'}`, hint };
  if (vCpus - used < needed)
    return {
      level: 'problem',
      message: `${has}, of which ${used} are in use; ${type} needs ${needed}`,
      hint,
    };
  if (vCpus - used < 2 * needed)
    return {
      level: 'warning',
      message: `${has}, room for one ${type} at a time: a move ends the old one before the new one is launched`,
      hint,
    };
  const needs = needed === 0 ? '' : `; ${type} needs ${needed}`;
  return { level: 'fine', message: `${has}, ${used} in use${needs}` };
}

/** By type; without those that are not known. */
async function vCpusOf(
  types: readonly string[],
  { ec2, options }: CheckContext,
): Promise<ReadonlyMap<string, number>> {
  if (types.length === 0) return new Map();
  const Filters = [{ Name: 'instance-type', Values: [...types] }];
  const answer = await ec2.describeInstanceTypes({ Filters }, options);
  return new Map(
    (answer.InstanceTypes ?? []).map((one) => [one.InstanceType ?? '', one.VCpuInfo?.DefaultVCpus ?? 0]),
  );
}

/** What spot instances of types with the same quota use just now. */
async function usedVCpus(type: string, context: CheckContext): Promise<number> {
  const { ec2, options } = context;
  const code = quotaCode(type);
  const instances = await paged(async (token) => {
    const Filters = [
      { Name: 'instance-lifecycle', Values: ['spot'] },
      { Name: 'instance-state-name', Values: ['pending', 'running'] },
    ];
    const answer = await ec2.describeInstances({ Filters, ...token }, options);
    return {
      items: (answer.Reservations ?? []).flatMap((one) => one.Instances ?? []),
      next: answer.NextToken,
    };
  });
  const counted = instances.filter((one) => quotaCode(one.InstanceType ?? '') === code);
  // What a type has by default, for instances that do not tell their processors.
  const silent = counted.filter(({ CpuOptions: cpu }) => cpu?.CoreCount === undefined);
  const ofType = await vCpusOf([...new Set(silent.map((one) => one.InstanceType ?? ''))], context);
  return counted
    .map(({ CpuOptions: cpu, InstanceType: one = '' }) =>
      cpu?.CoreCount === undefined ? (ofType.get(one) ?? 0) : cpu.CoreCount * (cpu.ThreadsPerCore ?? 1),
    )
    .reduce((sum, one) => sum + one, 0);
}
