// The texts of a systemd service: the packaged unit with the real paths, and a drop-in with what the environment gave.
import type { OwnProgram } from './own-program.ts';
import type { Variables } from './taken-environment.ts';
import { ownMark } from './written-file.ts';

/** `packaged`: the text of systemd/portald.service or systemd/portald@.service. */
export function unitText(packaged: string, { node, portald }: OwnProgram): string {
  // The colon: nothing in it is a variable.
  const line = `ExecStart=":${escaped(node)}" "${escaped(portald)}"`;
  return `# ${ownMark}\n${packaged.replace(/^ExecStart=.*$/m, () => line)}`;
}

/** Variables as a drop-in; their values have no control characters but line ends and tabs. */
export function environmentText(variables: Variables): string {
  const lines = [...variables].map(([name, value]) => `Environment="${escaped(`${name}=${value}`)}"\n`);
  return `# ${ownMark}\n# From the environment of whoever installed it; the next installation writes it anew.\n[Service]\n${lines.join('')}`;
}

/** A drop-in of the template, to which the system is read-only but for /home/USER, for a user whose home is elsewhere. */
export function homeText(home: string): string {
  return `# ${ownMark}\n[Service]\nReadWritePaths="-${escaped(home)}"\n`;
}

/** What `environmentText` was made of. */
export function readEnvironmentText(text: string): Variables {
  // Line by line, as systemd reads it: to a regular expression U+2028 ends a line, too.
  const entries = text.split('\n').flatMap((line) => {
    const [, quoted] = /^Environment=(".*")$/s.exec(line) ?? [];
    if (quoted === undefined) return [];
    const entry = String(JSON.parse(quoted.replaceAll('%%', '%')));
    const end = entry.indexOf('=');
    return [[entry.slice(0, end), entry.slice(end + 1)] as const];
  });
  return new Map(entries);
}

/** systemd reads the escapes of JSON within quotes, and specifiers after a percent sign. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('%', '%%');
}
