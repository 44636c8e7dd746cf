// Request throttling as AWS does it: a token bucket for each action.
import type { World } from '../world/world.ts';
import { Ec2Error } from './error.ts';

/** Takes a token for an action. Throws RequestLimitExceeded when the bucket is empty. */
export type Throttle = (action: string, nowMs: number) => void;

/** Makes full buckets by the world file's limits; an action without a limit is never refused. */
export function throttle(limits: World['throttle']): Throttle {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return (action, nowMs) => {
    const limit = limits[action] ?? limits['*'];
    if (!limit) return;
    const bucket = buckets.get(action) ?? { tokens: limit.burst, atMs: nowMs };
    buckets.set(action, bucket);
    bucket.tokens = Math.min(
      limit.burst,
      bucket.tokens + ((nowMs - bucket.atMs) / 1000) * limit.ratePerSecond,
    );
    bucket.atMs = nowMs;
    if (bucket.tokens < 1) throw new Ec2Error('RequestLimitExceeded', 'Request limit exceeded.', 503);
    bucket.tokens -= 1;
  };
}
