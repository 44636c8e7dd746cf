// The ways in which EC2 may fail to answer as it should, as rules of the sandbox for one action.

export interface Rule {
  readonly action: string;
  readonly kind: string;
  readonly count: number;
  readonly skip: number;
  readonly [detail: string]: unknown;
}

/** More than the AWS client tries by itself, so that the failure is seen by portald too. */
const calls = 4;

const kinds = {
  'an error without meaning': { kind: 'error', code: 'InternalError', status: 500, count: calls },
  throttling: { kind: 'error', code: 'RequestLimitExceeded', status: 503, count: calls },
  'an answer after 3 s': { kind: 'latency', ms: 3000, count: 2 },
  'a connection lost before': { kind: 'drop-before', count: calls },
  'a connection lost after': { kind: 'drop-after', count: calls },
  'a 503 without a body': { kind: 'gibberish', status: 503, count: calls },
  'a 200 that cannot be read': { kind: 'gibberish', status: 200, body: '<html>', count: calls },
  'a 503 of a proxy': { kind: 'gibberish', status: 503, body: '<html>busy</html>', count: calls },
  'an old answer': { kind: 'stale', count: 5 },
} as const;

export type FaultKind = keyof typeof kinds;

/** Every kind that can strike an action; what changes something has no old answer. */
export function kindsFor(changes: boolean): FaultKind[] {
  return (Object.keys(kinds) as FaultKind[]).filter((kind) => !changes || kinds[kind].kind !== 'stale');
}

export function ruleOf(action: string, kind: FaultKind, skip: number): Rule {
  return { action, skip, ...kinds[kind] };
}
