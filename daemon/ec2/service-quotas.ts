// What the account may rent at the spot price, in vCPUs.
import type { Ec2 } from './client-ec2.ts';
import { guardAnswers } from './guard-answers.ts';
import { createHttpAgents } from './http-agents.ts';

export interface SpotQuota {
  /** The quota's own name. */
  readonly name: string;
  readonly code: string;
  readonly vCpus: number;
}

/** The quota that an instance type counts to; undefined where it is not known. Rejects with the AWS client's error. */
export type AskSpotQuota = (instanceType: string, signal: AbortSignal) => Promise<SpotQuota | undefined>;

interface Settings {
  readonly region?: string;
  readonly profile?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Codes of AWS's quotas "All … Spot Instance Requests", by the letters and the number that a type begins with. */
const codes: readonly (readonly [family: RegExp, code: string])[] = [
  [/^(a|c|d|h|i|is|im|m|r|t|z)\d/, 'L-34B43A08'],
  [/^(g|gr|vt)\d/, 'L-3819A6DF'],
  [/^p[234]/, 'L-7212CCBC'],
  [/^p5/, 'L-C4BD4855'],
  [/^f\d/, 'L-88CF9481'],
  [/^x\d/, 'L-E3A00192'],
  [/^inf\d/, 'L-B5D1601B'],
  [/^trn\d/, 'L-5480EFD2'],
  [/^dl\d/, 'L-85EED4F7'],
];

export function quotaCode(instanceType: string): string | undefined {
  return codes.find(([family]) => family.test(instanceType))?.[1];
}

export function createSpotQuotas({ region, profile, environment }: Settings): AskSpotQuota {
  // An EC2 of somebody's own knows nothing of AWS's quotas, and AWS nothing of its keys.
  const isElsewhere =
    (environment['AWS_ENDPOINT_URL_EC2'] ?? '') !== '' &&
    (environment['AWS_ENDPOINT_URL_SERVICE_QUOTAS'] ?? '') === '';
  return async (instanceType, abortSignal) => {
    const code = quotaCode(instanceType);
    if (code === undefined || isElsewhere) return undefined;
    const { createServiceQuotas, GetServiceQuotaCommand } = await import('./client-service-quotas.ts');
    const agents = await createHttpAgents(environment);
    const requestHandler = { connectionTimeout: 3000, requestTimeout: 10_000, ...agents };
    const quotas = createServiceQuotas({
      ...(region !== undefined && { region }),
      ...(profile !== undefined && { profile }),
      maxAttempts: 2,
      requestHandler,
    });
    guardAnswers(quotas as Pick<Ec2, 'middlewareStack'>);
    try {
      const question = new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: code });
      const answer = await quotas.send(question, { abortSignal });
      const { Value: vCpus, QuotaName: name = code } = answer.Quota ?? {};
      return vCpus === undefined ? undefined : { name, code, vCpus };
    } finally {
      quotas.destroy();
    }
  };
}
