// A patient user of one portal: asks again until portald answers, whatever has become of it in between.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PortalError } from '../../protocol/errors.ts';
import type { MethodResults } from '../../protocol/methods.ts';
import type { PortalState, PortalView } from '../../protocol/portal-view.ts';
import { eventually } from '../fixture/eventually.ts';
import type { CrashFixture } from './crash-fixture.ts';

export const workspace = '/home/ubuntu/workspace';

export interface User {
  readonly name: string;
  readonly volume: string;
  /** The portal as portald shows it; undefined when it does not answer or does not know it. */
  view(): Promise<PortalView | undefined>;
  /** Asks once, and takes whatever comes of it. */
  ask(
    method: 'portal.open' | 'portal.close',
  ): Promise<MethodResults['portal.open'] | PortalError | undefined>;
  /** Opens and waits until it is open. Asks again what was refused for want of an answer from EC2. */
  open(): Promise<PortalView>;
  /** Waits until it is `state`, on another instance than `not`. */
  until(state: PortalState, not?: string): Promise<PortalView>;
  close(): Promise<PortalView>;
  /** Writes to the volume, past every cache. */
  write(address: string, file: string, text: string): Promise<void>;
  /** Saves a file in the outbound channel's folder. */
  save(file: string, text: string): void;
  /** Waits until a file on the volume, attached to the instance, holds `text`. */
  arrived(instanceId: string, file: string, text: string): Promise<void>;
}

/** Writes the specification of portal `name` on the volume and gives its user. */
export function userOf(fixture: CrashFixture, name: string, volume: string, extra: object = {}): User {
  const { programs } = fixture;
  const code = `code-${name}/`;
  programs.specify(name, (example) => ({
    spot_fleet: example.spot_fleet,
    spot_instance: {
      ...example.spot_instance,
      python_virtual_env: undefined,
      extra_python_packages: undefined,
    },
    persistent_volumes: [{ ...example.persistent_volumes[0], volume_id: volume }],
    channels: [
      {
        direction: 'out',
        local_path: code,
        remote_path: `${workspace}/code/`,
        recursive: true,
        delay: 0.1,
      },
    ],
    ...extra,
  }));
  mkdirSync(join(programs.project, code), { recursive: true });
  const path = join(programs.project, `${name}.json`);
  const text = readFileSync(path, 'utf8');

  const view: User['view'] = async () => {
    const answer = await fixture.ask('portal.status', { name });
    return answer === undefined || answer instanceof PortalError ? undefined : answer.portal;
  };
  const until: User['until'] = (state, not) => {
    let last: PortalView | undefined;
    return eventually(`${name} is ${state}`, async () => {
      last = await view();
      if (last?.state === 'failed' && state !== 'failed') throw new Error(JSON.stringify(last.problem));
      if (last?.state !== state || (not !== undefined && last.instance?.id === not)) return undefined;
      // A portald that was just started has not asked EC2 for the address yet.
      return state === 'open' && last.instance?.address === undefined ? undefined : last;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; last seen: ${JSON.stringify(last)}`, { cause: error });
    });
  };
  const ask: User['ask'] = (method) =>
    method === 'portal.open' ? fixture.ask(method, { name, path, text }) : fixture.ask(method, { name });
  /** Repeats a wish until portald has taken it. */
  const wish = (method: 'portal.open' | 'portal.close') =>
    eventually(`portald takes ${method} of ${name}`, async () => {
      const answer = await ask(method);
      if (answer === undefined) return undefined;
      if (!(answer instanceof PortalError)) return answer.portal;
      // What EC2 refused or did not answer is for the user to ask again.
      if (!['endpoint', 'throttled', 'portal-conflict'].includes(answer.kind)) throw answer;
      await sleep(200);
      return undefined;
    });
  // Read where the sandbox keeps what the volume holds: an SSH connection for each look would take longer than the wait.
  const fileOn = (instanceId: string, file: string): string =>
    join(programs.folder, 'sandbox/instances', instanceId, 'ebs', volume, file);

  return {
    name,
    volume,
    view,
    until,
    ask,
    async open() {
      await wish('portal.open');
      return until('open');
    },
    async close() {
      await wish('portal.close');
      const ended = await eventually(`${name} is closed`, async () => {
        const now = await view();
        return now?.state === 'closed' || now?.state === 'failed' ? now : undefined;
      });
      // A closing that began as a failed opening shows the failure, until it is closed by the user too.
      if (ended.state === 'failed') await wish('portal.close');
      return until('closed');
    },
    async write(address, file, words) {
      await eventually(`${file} is written`, async () => {
        const told = await programs.onInstance(
          address,
          `printf %s '${words}' > ${workspace}/${file} && sync`,
        );
        return told.code === 0 ? true : undefined;
      });
    },
    save: (file, words) => writeFileSync(join(programs.project, code, file), words),
    async arrived(instanceId, file, words) {
      const path = fileOn(instanceId, file);
      await eventually(
        `${file} has arrived on ${name}`,
        () => existsSync(path) && readFileSync(path, 'utf8') === words,
      );
    },
  };
}
