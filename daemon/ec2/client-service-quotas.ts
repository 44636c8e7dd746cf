// The only file that imports @aws-sdk/client-service-quotas, and of it only what is used: see client-ec2.ts.
import { ServiceQuotasClient, type ServiceQuotasClientConfig } from '@aws-sdk/client-service-quotas';
import { credentialChain } from './client-credentials.ts';

export { GetServiceQuotaCommand } from '@aws-sdk/client-service-quotas';

/** Makes a client; nothing is sent. Credentials are asked for by the same way as the quotas. */
export function createServiceQuotas(
  configuration: ServiceQuotasClientConfig & { readonly requestHandler: object },
): ServiceQuotasClient {
  const { requestHandler } = configuration;
  return new ServiceQuotasClient({
    ...configuration,
    credentialDefaultProvider: credentialChain(requestHandler),
  });
}
