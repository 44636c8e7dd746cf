// Where a secret could be seen by somebody whom it does not concern: files, texts, and what the kernel shows of processes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a secret looks like, by its name for people. */
export type Secrets = Readonly<Record<string, string>>;

/** Notes what of it is found in `text`, which stands at `place`. */
export type Search = (text: string, place: string) => void;

/** Searches for each secret as it is, and in base64 wherever in a text it may begin. */
export function searcherOf(secrets: Secrets, found: Set<string>): Search {
  const looks = Object.entries(secrets).flatMap(([name, secret]) =>
    [secret, ...inBase64(secret)].map((look): [string, string] => [name, look]),
  );
  return (text, place) => {
    for (const [name, look] of looks) if (text.includes(look)) found.add(`${name} in ${place}`);
  };
}

function inBase64(secret: string): string[] {
  // The first and the last characters depend on what stands before and behind.
  return [0, 1, 2].map((before) =>
    Buffer.from(`${'x'.repeat(before)}${secret}`)
      .toString('base64')
      .slice(4)
      .replace(/.{0,4}$/, ''),
  );
}

/** Searches every file below `folder`. */
export function searchFiles(folder: string, search: Search): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile())
      search(readOr(join(entry.parentPath, entry.name)), join(entry.parentPath, entry.name));
  }
}

export interface ProcessWatch {
  /** Names of the variables that children, at any depth, were seen with. */
  readonly variables: ReadonlySet<string>;
  /** Programs that were seen as children. */
  readonly programs: ReadonlySet<string>;
  end(): void;
}

/** Looks again and again at the arguments of every process, and at the environment of those that `pid` has begun. */
export function watchProcesses(pid: number, search: Search): ProcessWatch {
  const variables = new Set<string>();
  const programs = new Set<string>();
  const own = readOr(`/proc/${pid}/cmdline`);
  const look = (): void => {
    const parents = new Map<number, number>();
    for (const name of readdirSync('/proc')) {
      const status = /^\d+$/.test(name) ? readOr(`/proc/${name}/stat`) : '';
      if (status === '') continue;
      parents.set(Number(name), Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]));
      search(readOr(`/proc/${name}/cmdline`), 'the arguments of a process');
    }
    for (const child of parents.keys()) {
      if (child === pid || !descends(child, pid, parents)) continue;
      // Between fork and exec a child is a copy of its parent.
      const words = readOr(`/proc/${child}/cmdline`);
      if (words === own || words === '') continue;
      const environment = readOr(`/proc/${child}/environ`);
      search(environment, `the environment of ${words.replaceAll('\0', ' ')}`);
      programs.add(words.split('\0')[0]?.split('/').at(-1) ?? '');
      for (const one of environment.split('\0')) if (one !== '') variables.add(one.split('=')[0] ?? '');
    }
  };
  const timer = setInterval(look, 40);
  return { variables, programs, end: () => clearInterval(timer) };
}

function descends(child: number, from: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at: number | undefined = child; at !== undefined && at > 1; at = parents.get(at)) {
    if (parents.get(at) === from) return true;
  }
  return false;
}

/** Empty when it is not there any more. */
function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
