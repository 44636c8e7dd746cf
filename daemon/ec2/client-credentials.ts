// The only file that imports the SDK's chain of credentials: environment, profile, SSO, metadata.
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import type { EC2ClientConfig } from './client-ec2.ts';

type CredentialChain = NonNullable<EC2ClientConfig['credentialDefaultProvider']>;

/** The SDK's own chain; by itself it would ask SSO without our way to AWS. */
export function credentialChain(
  requestHandler: NonNullable<EC2ClientConfig['requestHandler']>,
): CredentialChain {
  return (input: object) => defaultProvider({ ...input, clientConfig: { requestHandler } });
}
