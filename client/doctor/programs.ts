// The programs of this machine that portald works with: Node, rsync, OpenSSH's client.
import type { CheckView } from '../../protocol/check-view.ts';
import type { Environment } from '../../protocol/paths.ts';
import {
  comparesNanoseconds,
  isAtLeast,
  readsUntrustedBatches,
  readsUntrustedPulls,
  rsyncVersion,
} from '../../protocol/rsync-version.ts';
import { type Ran, run } from './run.ts';

export async function programChecks(environment: Environment): Promise<CheckView[]> {
  const [rsync, ssh] = await Promise.all([
    run('rsync', ['--version'], environment),
    run('ssh', ['-V'], environment),
  ]);
  // portalctl itself would not have started on an older one.
  return [
    { topic: 'node', level: 'fine', message: process.versions.node },
    judgeRsync(rsync, process.platform),
    judgeSsh(ssh, process.platform),
  ];
}

/** `ran`: what `rsync --version` printed. */
export function judgeRsync(ran: Ran | undefined, platform: string): CheckView {
  const topic = 'rsync';
  const fix = platform === 'darwin' ? 'brew install rsync' : 'sudo apt-get install rsync, or a newer package';
  if (ran === undefined) return { topic, level: 'problem', message: 'is not there: no channel works', fix };
  const version = rsyncVersion(ran.stdout);
  const name = version?.release.join('.') ?? ran.stdout.split('\n')[0]?.slice(0, 60) ?? '';
  if (!comparesNanoseconds(version))
    return {
      topic,
      level: 'problem',
      message: `${name} is none of version 3.1.3 or later: no channel works`,
      fix,
    };
  const danger = readsUntrustedPulls(version)
    ? ''
    : '; unless your distribution has patched it (CVE-2024-12087, CVE-2024-12088), an instance can write outside of the folder of an inbound channel';
  if (!isAtLeast(version, [3, 2, 0])) {
    const message = `${name} is before 3.2: every save is a pass over everything${danger}`;
    return { topic, level: 'warning', message, fix };
  }
  if (!readsUntrustedBatches(version)) {
    return {
      topic,
      level: 'warning',
      message: `${name} is before 3.5: what changes on the machine is fetched by passes, which take longer${danger}`,
      fix: platform === 'darwin' ? fix : 'install rsync 3.5 or later: https://rsync.samba.org/download.html',
    };
  }
  return { topic, level: 'fine', message: name };
}

/** `ran`: what `ssh -V` printed, on stderr. */
export function judgeSsh(ran: Ran | undefined, platform: string): CheckView {
  const topic = 'ssh';
  const fix = platform === 'darwin' ? 'brew install openssh' : 'sudo apt-get install openssh-client';
  if (ran === undefined) return { topic, level: 'problem', message: 'is not there: no channel works', fix };
  const text = `${ran.stderr}${ran.stdout}`.trim().split('\n')[0]?.slice(0, 60) ?? '';
  const version = /^OpenSSH_([\w.]+)/.exec(text)?.[1];
  if (version !== undefined) return { topic, level: 'fine', message: `OpenSSH ${version}` };
  return { topic, level: 'problem', message: `${text} is not OpenSSH's client`, fix };
}
