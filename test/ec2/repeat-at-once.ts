// A client that asks again as often as the SDK does, without what the SDK waits before it, which is not ours to test.
import type { Ec2 } from '../../daemon/ec2/client-ec2.ts';

const token = (count: number) => ({
  getRetryCount: () => count,
  getRetryDelay: () => 0,
  getRetryCost: () => undefined,
});

export function repeatAtOnce({ config }: Ec2): void {
  config.retryStrategy = () =>
    Promise.resolve({
      acquireInitialRetryToken: () => Promise.resolve(token(0)),
      recordSuccess: () => undefined,
      async refreshRetryTokenForRetry(last, { errorType }) {
        const asked = last.getRetryCount() + 1;
        if (errorType === 'CLIENT_ERROR' || asked >= (await config.maxAttempts()))
          throw new Error('it is not asked again');
        return token(asked);
      },
    });
}
