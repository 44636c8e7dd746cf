// A specification's form and what it names on this machine; and whether the SSH agent holds a key that needs it.
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { CheckView } from '../../protocol/check-view.ts';
import type { FindingView } from '../../protocol/finding.ts';
import type { Environment } from '../../protocol/paths.ts';
import { checkLocally } from '../local-check.ts';
import type { SpecificationFile } from '../specification-file.ts';
import { run } from './run.ts';

/** `agentSocket`: that of portald, if it is known; else that of this shell. */
export async function specificationChecks(
  file: SpecificationFile,
  environment: Environment,
  agentSocket: string | undefined,
): Promise<CheckView[]> {
  const home = environment['HOME'] ?? homedir();
  const { problems, warnings } = await checkLocally(file, environment);
  if (problems.length > 0) {
    return problems.map(({ line, column, path, message }) => ({
      topic: 'specification',
      level: 'problem',
      message: `${file.shownPath}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`,
      fix: `correct ${file.shownPath}, then portalctl validate ${file.name}`,
    }));
  }
  const { createSpecificationParser } = await import('../../protocol/specification/parse.ts');
  const { resolvePaths } = await import('../../protocol/specification/resolve-paths.ts');
  const parsed = createSpecificationParser()(file.text);
  const valid: CheckView = { topic: 'specification', level: 'fine', message: `${file.shownPath} is valid` };
  if ('problems' in parsed) return [];
  const specification = resolvePaths(parsed.specification, { folder: dirname(file.path), home, resolve });
  const socket = agentSocket ?? environment['SSH_AUTH_SOCK'];
  return [
    valid,
    ...warnings.map(warned),
    await keyCheck(specification.spot_instance.identity_file, environment, socket),
  ];
}

function warned({ line, column, path, message, hint }: FindingView): CheckView {
  return {
    topic: 'specification',
    level: 'warning',
    message: `line ${line}:${column}: ${path}: ${message}`,
    ...(hint !== undefined && { fix: hint }),
  };
}

async function keyCheck(
  path: string,
  environment: Environment,
  agentSocket: string | undefined,
): Promise<CheckView> {
  const topic = 'identity file';
  const plain = await run('ssh-keygen', ['-y', '-P', '', '-f', path], environment);
  if (plain === undefined)
    return { topic, level: 'unknown', message: 'there is no ssh-keygen, which could read it' };
  if (plain.code === 0) return { topic, level: 'fine', message: `${path} is a key without a passphrase` };
  if (!/passphrase/i.test(plain.stderr)) {
    const why = plain.stderr.trim().split('\n').at(-1) ?? '';
    return {
      topic,
      level: 'problem',
      message: `${path} is no private key that SSH reads: ${why}`,
      fix: 'name the private key of the key pair in spot_instance.identity_file',
    };
  }
  const agent = { ...environment, SSH_AUTH_SOCK: agentSocket ?? '' };
  const [own, held] = await Promise.all([
    run('ssh-keygen', ['-l', '-f', path], environment),
    run('ssh-add', ['-l'], agent),
  ]);
  const fingerprint = /SHA256:\S+/.exec(own?.stdout ?? '')?.[0];
  if (fingerprint !== undefined && held?.stdout.includes(fingerprint) === true)
    return { topic, level: 'fine', message: `${path} has a passphrase, and the SSH agent holds it` };
  const agentText =
    agentSocket === undefined || agentSocket === ''
      ? 'there is no SSH agent'
      : 'the SSH agent does not hold it';
  return {
    topic,
    level: 'problem',
    message: `${path} has a passphrase, and ${agentText}`,
    fix:
      agentSocket === undefined || agentSocket === ''
        ? `eval "$(ssh-agent)" && ssh-add '${path}', then start portald in that shell`
        : `SSH_AUTH_SOCK='${agentSocket}' ssh-add '${path}'`,
  };
}
