// Watches an instance's own metadata for AWS's notice and rebalance recommendation. Nothing that goes wrong ends the
// watch; the first notice stays, because some servers slide its time with every question.
import { setTimeout as sleep } from 'node:timers/promises';
import { visibleText } from '../../protocol/visible-text.ts';
import type { Difficulty, MetadataNotice } from '../portal/gateways.ts';
import type { Log } from './log.ts';
import type { MetadataAnswer, MetadataRequests } from './metadata-request.ts';

export interface MetadataWatchParts {
  readonly requests: MetadataRequests;
  /** Time from one look to the next; it may change while it is watched. */
  readonly intervalMs: () => number;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly noticed: (notice: MetadataNotice) => void;
  readonly rebalanceRecommended: () => void;
  /** Why it cannot be asked; undefined once it can again. */
  readonly trouble: (message: string | undefined) => void;
}

const tokenSeconds = 21_600;

/** Asks again and again until `signal` aborts. */
export async function watchMetadata(parts: MetadataWatchParts): Promise<void> {
  const { requests, signal, log } = parts;
  const ask = createTokenHolder(requests);
  // Once of each kind: the instance could give another reason each time.
  const warned = new Set<string>();
  const warnOnce = (sentence: string, what: string): void => {
    if (!warned.has(sentence)) log.warn({ what: visibleText(what.slice(0, 200)) }, sentence);
    warned.add(sentence);
  };
  let isNoticed = false;
  let isRecommended = false;
  while (!signal.aborted && !(isNoticed && isRecommended)) {
    try {
      const action = isNoticed ? undefined : await ask('/latest/meta-data/spot/instance-action');
      if (action?.status === 200) {
        const notice = readNotice(action.body);
        if (notice === undefined) warnOnce('ignored a notice that makes no sense', action.body);
        else {
          isNoticed = true;
          parts.noticed(notice);
        }
      }
      const rebalance = isRecommended
        ? undefined
        : await ask('/latest/meta-data/events/recommendations/rebalance');
      if (rebalance?.status === 200 && readTime(rebalance.body, 'noticeTime') !== undefined) {
        isRecommended = true;
        parts.rebalanceRecommended();
      }
      parts.trouble(undefined);
    } catch (error) {
      if (!signal.aborted) {
        warnOnce('the instance metadata could not be asked; EC2 is still watched', String(error));
        parts.trouble(error instanceof Error ? error.message : String(error));
      }
    }
    await sleep(parts.intervalMs(), undefined, { signal }).catch(() => {});
  }
}

/** The problem shown when the metadata cannot be read. */
export function unwatchedMetadata(instanceId: string, why: string, since: number): Difficulty {
  return {
    kind: 'ssh',
    message: `the metadata of ${instanceId} cannot be read (${visibleText(why)}): portald learns of an interruption from EC2 only, some seconds later`,
    hint: 'enable the metadata service of the instance (aws ec2 modify-instance-metadata-options --http-endpoint enabled), and let remote_user reach 169.254.169.254',
    since,
  };
}

/** Asks with a session token (IMDSv2) that is kept, and renewed when the service does not know it any more. */
function createTokenHolder(requests: MetadataRequests): (path: string) => Promise<MetadataAnswer> {
  let token: string | undefined;
  const askOnce = async (path: string): Promise<MetadataAnswer> => {
    if (token === undefined) {
      const ttl = { 'X-aws-ec2-metadata-token-ttl-seconds': String(tokenSeconds) };
      const answer = await requests.ask('PUT', '/latest/api/token', ttl);
      if (answer.status !== 200) throw new Error(`the metadata service gives no token (${answer.status})`);
      token = answer.body.trim();
    }
    return requests.ask('GET', path, { 'X-aws-ec2-metadata-token': token });
  };
  return async (path) => {
    const answer = await askOnce(path);
    if (answer.status !== 401) return answer;
    token = undefined;
    return askOnce(path);
  };
}

/** The notice in an answer of `spot/instance-action`; undefined if it is none. */
export function readNotice(body: string): MetadataNotice | undefined {
  const deadline = readTime(body, 'time');
  const action = readText(body, 'action');
  const isKnown = action !== undefined && ['terminate', 'stop', 'hibernate'].includes(action);
  return isKnown && deadline !== undefined ? { action, deadline } : undefined;
}

function readTime(body: string, name: string): number | undefined {
  const text = readText(body, name) ?? '';
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function readText(body: string, name: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return undefined;
    const member: unknown = Object.getOwnPropertyDescriptor(value, name)?.value;
    return typeof member === 'string' ? member : undefined;
  } catch {
    return undefined;
  }
}
