// What was measured: a figure without its versions cannot be compared.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { release, type } from 'node:os';

export function versions(): string {
  const versionOf = (path: string): string => {
    const text = readFileSync(new URL(`../../${path}package.json`, import.meta.url), 'utf8');
    return (JSON.parse(text) as { version: string }).version;
  };
  const client = versionOf('node_modules/@aws-sdk/client-ec2/');
  return `portald ${versionOf('')} (${commit()}), client-ec2 ${client}, Node ${process.version}, ${type()} ${release()}`;
}

function commit(): string {
  try {
    const words = ['describe', '--always', '--dirty', '--abbrev=12'];
    return execFileSync('git', words, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  } catch {
    return 'no git';
  }
}
