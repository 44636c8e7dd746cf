// The only file that imports @aws-sdk/client-service-quotas, and of it only what is used: see client-ec2.ts.
export { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
