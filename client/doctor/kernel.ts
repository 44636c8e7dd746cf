// How much the kernel lets be watched. Only Linux has such limits.
import { readFile } from 'node:fs/promises';
import type { CheckView } from '../../protocol/check-view.ts';

/** A watch for each folder of a channel, and editors watch, too; an instance for each channel. */
const wanted = { max_user_watches: 65_536, max_user_instances: 128 } as const;
const advised = { max_user_watches: 524_288, max_user_instances: 1024 } as const;

export async function kernelChecks(platform: string): Promise<CheckView[]> {
  if (platform !== 'linux') return [];
  const names = ['max_user_watches', 'max_user_instances'] as const;
  return Promise.all(
    names.map(async (name): Promise<CheckView> => {
      const text = await readFile(`/proc/sys/fs/inotify/${name}`, 'utf8').catch(() => '');
      return judgeLimit(name, Number.parseInt(text, 10));
    }),
  );
}

export function judgeLimit(name: keyof typeof wanted, value: number): CheckView {
  const topic = 'inotify';
  if (Number.isNaN(value)) return { topic, level: 'unknown', message: `fs.inotify.${name} cannot be read` };
  if (value >= wanted[name]) return { topic, level: 'fine', message: `${name} is ${value}` };
  return {
    topic,
    level: 'warning',
    message: `${name} is ${value}: what cannot be watched is looked at every few seconds instead`,
    fix:
      `echo fs.inotify.${name}=${advised[name]} | sudo tee -a /etc/sysctl.d/60-portald.conf && ` +
      'sudo sysctl --system',
  };
}
