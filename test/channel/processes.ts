// Processes of this machine, as /proc has them: to start a program at each look would cost more than what is looked for.
import { readdirSync, readFileSync } from 'node:fs';

interface Process {
  readonly id: number;
  /** With its arguments. */
  readonly command: string;
  readonly environment: () => string;
}

/** Those that `fits` takes. */
export function processesThat(fits: (one: Process) => boolean): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      id: Number(name),
      command: words(name, 'cmdline'),
      environment: () => words(name, 'environ'),
    }))
    .filter(fits);
}

/** Command lines of running processes that contain `text`, but for those of servers of SSH. */
export function processesWith(text: string): string[] {
  const found = processesThat(
    ({ command }) => command.includes(text) && !/^(\/usr\/sbin\/sshd|sshd:)/.test(command),
  );
  return found.map(({ command }) => command);
}

function words(id: string, name: string): string {
  try {
    return readFileSync(`/proc/${id}/${name}`, 'utf8')
      .replaceAll(/[\0\n]/g, ' ')
      .trimEnd();
  } catch {
    return ''; // it has ended, or is not ours
  }
}
