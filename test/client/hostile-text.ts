// A scripted daemon whose views have every field, and text in every field that would drive a terminal.
import { PortalError } from '../../protocol/errors.ts';
import { type PortalView, portalStates } from '../../protocol/portal-view.ts';
import { portalView, type ScriptedDaemon } from '../rpc/scripted-service.ts';
import { storedSnapshot, storedVolume } from '../rpc/scripted-volumes.ts';

/** Clears, titles, colours, colours by C1, bidirectional overrides, invisible characters, line ends of every kind. */
export const payload =
  '\u001b[2J\u001b]0;title\u0007\u009b31m\u202e\u2066\u200b\ufeff\r\n\t\b\u0085\u2028\u0000\u007f';

/** Words that steer the client rather than being shown. */
const steering = new Set<string>([
  ...portalStates,
  'gpu',
  'in',
  'out',
  'retrying',
  'mounted',
  'info',
  'warning',
  'error',
  'fine',
  'problem',
  'instance',
  'hour',
  'i-3',
  'vol-00000001',
]);

/** The same with the payload at the end of every text that does not steer and is no time. */
export function hostile<T>(value: T): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the shape is the same
  return poisoned(value) as T;
}

function poisoned(value: unknown): unknown {
  if (typeof value === 'string')
    return steering.has(value) || /^\d{4}-\d\d-\d\dT/.test(value) ? value : `${value}${payload}`;
  if (Array.isArray(value)) return value.map(poisoned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [keyOf(key), poisoned(one)]));
}

/** The keys of tags are text from elsewhere, too. */
function keyOf(key: string): string {
  return key === 'team' ? `${key}${payload}` : key;
}

const at = '2026-11-01T10:00:00.000Z';
const problem = { kind: 'ssh', message: 'it fails', hint: 'mend it', retryable: true, since: at } as const;
const instance = { id: 'i-1', type: 'g5.xlarge', zone: 'eu-west-1a', state: 'running', launchedAt: at };

/** A view with every field that there is. */
export const fullView: PortalView = portalView('gpu', 'recovering', {
  ssh: { port: 2222, identityFile: '/home/me/key', knownHostsFile: '/run/known_hosts' },
  instance: { ...instance, address: '203.0.113.7' },
  replacement: { ...instance, id: 'i-2', address: '203.0.113.8' },
  interruption: { deadline: at, seenBy: 'instance metadata', seenAt: at },
  volumes: [{ id: 'vol-1', mountPoint: '/data', state: 'mounted' }],
  channels: [
    {
      index: 0,
      direction: 'in',
      localPath: '/here/',
      remotePath: '/there/',
      state: 'retrying',
      lastSynchronisedAt: at,
      synchronisations: 3,
      files: 4,
      bytes: 5,
      last: { files: 1, bytes: 2, tookMs: 3 },
      transfer: { bytes: 1, percent: 2, tookMs: 3000 },
      arrival: { saves: 1, medianMs: 2, p95Ms: 3 },
      isPending: true,
      queue: { paths: 2, isEverything: true },
      error: 'rsync says no',
      failingSince: at,
      note: 'nothing to fetch yet',
    },
  ],
  pending: ['spot_instance.image_id'],
  problem,
});

/** Fills the daemon's answers, and poisons them all. */
export function makeHostile(daemon: ScriptedDaemon): void {
  const tags = { Name: 'data', team: 'vision' };
  daemon.show(fullView);
  daemon.show(portalView('other', 'open'));
  daemon.aws = { profile: 'work', region: 'eu-west-1', accessKeyId: 'AKIAEXAMPLE', account: '123456789012' };
  daemon.history = [
    { at, level: 'warning', text: 'it happened', state: 'recovering' },
    { at, level: 'error', text: 'and again' },
  ];
  daemon.orphans = [
    {
      id: 'i-3',
      kind: 'instance',
      portal: 'old',
      state: 'running',
      description: 'm5.large in eu-west-1a',
      createdAt: at,
      cost: { dollars: 1, per: 'hour', about: true },
      endsByItself: true,
      endsAt: at,
      keptFor: '/state/portals/old.json',
    },
  ];
  daemon.images = [
    {
      id: 'ami-1',
      name: 'image',
      description: 'of images',
      createdAt: at,
      architecture: 'x86_64',
      owner: 'amazon',
    },
  ];
  daemon.diagnosis = {
    checks: [{ topic: 'rsync', level: 'problem', message: 'it is missing', fix: 'install it' }],
    stateFolder: '/state',
    agentSocket: '/run/agent',
  };
  daemon.findings = [
    { level: 'problem', line: 1, column: 1, path: 'a', message: 'is wrong', hint: 'right it' },
  ];
  const points = [
    { at, dollars: 0.4 },
    { at: '2026-11-02T10:00:00.000Z', dollars: 0.5 },
  ];
  daemon.prices = {
    from: at,
    to: '2026-11-03T10:00:00.000Z',
    types: ['g5.xlarge'],
    zones: ['eu-west-1a', 'eu-west-1b'],
    zone: 'eu-west-1a',
    series: [{ type: 'g5.xlarge', zone: 'eu-west-1a', points }],
  };
  daemon.volumes.volumes = [
    storedVolume({
      tags,
      name: 'data',
      portal: 'gpu',
      snapshotId: 'snap-1',
      attachments: [{ instanceId: 'i-1', device: '/dev/xvdf', state: 'attached' }],
    }),
  ];
  daemon.volumes.snapshots = [storedSnapshot({ tags, name: 'copy', description: 'a copy' })];
  for (const part of [daemon.service, daemon.volumes.service, daemon.feed]) poisonAnswers(part);
}

/** The refusal of a daemon that repeats what others said. */
export function hostileRefusal(): PortalError {
  return new PortalError('specification-invalid', `no${payload}`, {
    hint: `hint${payload}`,
    problems: [{ line: 1, column: 2, path: `a${payload}`, message: `is wrong${payload}` }],
  });
}

function poisonAnswers(part: object): void {
  const poisonedMethods = Object.entries(part).flatMap(([name, method]) => {
    if (typeof method !== 'function' || ['listen', 'now', 'sequence'].includes(name)) return [];
    const ask = (...words: unknown[]): unknown => {
      const answer: unknown = Reflect.apply(method as () => unknown, part, words);
      return answer instanceof Promise ? answer.then(poisoned) : poisoned(answer);
    };
    return [[name, ask] as const];
  });
  Object.assign(part, Object.fromEntries(poisonedMethods));
}
