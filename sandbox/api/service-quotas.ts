// Service Quotas' face: the one question that is asked of it, how many vCPUs of spot instances the account may have.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cloud } from '../cloud/cloud.ts';
import { Ec2Error } from './error.ts';
import { readBody } from './server.ts';
import { verifySignature } from './signature.ts';

const target = 'ServiceQuotasV20190624.GetServiceQuota';

/** AWS's names of its quotas for spot instances, by their codes. */
const names: Readonly<Record<string, string>> = {
  'L-34B43A08': 'All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests',
  'L-3819A6DF': 'All G and VT Spot Instance Requests',
  'L-7212CCBC': 'All P4, P3 and P2 Spot Instance Requests',
};

/** Whether a request is for this service, and not for EC2. */
export function isForServiceQuotas(request: IncomingMessage): boolean {
  return String(request.headers['x-amz-target'] ?? '').startsWith('ServiceQuotas');
}

/** Answers in JSON, as the service does. */
export function serviceQuotasHandler(cloud: Cloud) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const answer = (status: number, value: object): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(value));
    };
    try {
      const signed = { method: 'POST', path: request.url ?? '/', headers: request.headers, body };
      const { world } = cloud.region;
      verifySignature(signed, world, cloud.schedule.now(), 'servicequotas');
      if (request.headers['x-amz-target'] !== target)
        throw new Ec2Error('UnknownOperationException', 'The sandbox knows GetServiceQuota only.');
      const { ServiceCode: service, QuotaCode: code = '' } = JSON.parse(body.toString()) as Record<
        string,
        string
      >;
      const name = names[code];
      if (service !== 'ec2' || name === undefined)
        throw new Ec2Error('NoSuchResourceException', 'The request failed because the quota does not exist.');
      answer(200, {
        Quota: {
          ServiceCode: 'ec2',
          QuotaCode: code,
          QuotaName: name,
          Value: world.quota.spotVCpus,
          Unit: 'None',
        },
      });
    } catch (error) {
      if (!(error instanceof Ec2Error)) throw error;
      answer(error.status, { __type: error.code, message: error.message });
    }
  };
}
