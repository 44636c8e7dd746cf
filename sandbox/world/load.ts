// Loading the world file: text to World, with the public keys it points to.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { reasonOf, sentenceOf } from '../log.ts';
import { WorldError } from './reader.ts';
import { readWorld, type World } from './world.ts';

export type KeyPair = { name: string; keyPairId: string; publicLine: string };

/** Reads the world file, or the default world without one. Throws a sentence that names the file. */
export async function loadWorld(
  file: string | undefined,
): Promise<{ world: World; keyPairs: Map<string, KeyPair> }> {
  if (file === undefined) return { world: readWorld({}, ''), keyPairs: new Map() };
  const content = await readText(file);
  try {
    const world = readWorld(parsed(content), '');
    return { world, keyPairs: await readKeyPairs(world, dirname(file)) };
  } catch (error) {
    throw error instanceof WorldError ? new WorldError(`${file}: ${error.message}`, { cause: error }) : error;
  }
}

function parsed(content: string): unknown {
  try {
    return parse(content);
  } catch (error) {
    const reason = sentenceOf(error).split('\n')[0]?.replace(/[:.]$/, '');
    throw new WorldError(`This is neither YAML nor JSON: ${reason}.`, { cause: error });
  }
}

async function readKeyPairs(world: World, folder: string): Promise<Map<string, KeyPair>> {
  const keyPairs = new Map<string, KeyPair>();
  for (const { name, publicKey, publicKeyFile } of world.keyPairs) {
    const line =
      publicKey ??
      (publicKeyFile === undefined
        ? undefined
        : await readText(resolve(folder, publicKeyFile.replace(/^~(?=\/)/, homedir()))));
    if (line === undefined) throw new WorldError(`The key pair ${name} needs publicKey or publicKeyFile.`);
    const publicLine = line.trim();
    const keyPairId = `key-${createHash('sha256').update(publicLine).digest('hex').slice(0, 17)}`;
    keyPairs.set(name, { name, keyPairId, publicLine });
  }
  return keyPairs;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new WorldError(`${file} cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}
