// Whether the account may rent the instance types at the spot price at all: a new one may rent no GPU.
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
      const name = context.specification.spot_instance.instance_type;
      const [quota, needed, used] = await Promise.all([
        ask(name, context.options.abortSignal),
        vCpusOf([name], context).then((found) => found.get(name) ?? 0),
        usedVCpus(name, context),
      ]);
      if (quota === undefined) {
        const message = `the spot quota of ${name} could not be found out`;
        return [{ level: 'warning', path: typePath, kind: 'quota', message }];
      }
      return [{ path: typePath, kind: 'quota', ...judgeQuota(name, quota, needed, used) }];
    },
  };
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
