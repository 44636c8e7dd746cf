// Loading the world file: text to World, with the public keys it points to.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { WorldError } from './reader.ts';
import { readWorld, type World } from './world.ts';

export type KeyPair = { name: string; keyPairId: string; publicLine: string };

/** Reads the world file, or the default world without one. Throws a WorldError with one sentence. */
export async function loadWorld(
  file: string | undefined,
): Promise<{ world: World; keyPairs: Map<string, KeyPair> }> {
  const world = readWorld(file === undefined ? {} : await parseFile(file), '');
  const folder = file === undefined ? '.' : dirname(file);
  const keyPairs = new Map<string, KeyPair>();
  for (const { name, publicKey, publicKeyFile } of world.keyPairs) {
    const line =
      publicKey ?? (publicKeyFile === undefined ? undefined : await readText(resolve(folder, publicKeyFile)));
    if (line === undefined) throw new WorldError(`The key pair ${name} needs publicKey or publicKeyFile.`);
    const publicLine = line.trim();
    const keyPairId = `key-${createHash('sha256').update(publicLine).digest('hex').slice(0, 17)}`;
    keyPairs.set(name, { name, keyPairId, publicLine });
  }
  return { world, keyPairs };
}

async function parseFile(file: string): Promise<unknown> {
  const content = await readText(file);
  try {
    return parse(content);
  } catch (error) {
    throw new WorldError(
      `${file} is neither YAML nor JSON: ${error instanceof Error ? error.message.split('\n')[0] : ''}`,
    );
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new WorldError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}
