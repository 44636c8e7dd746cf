// What an instance sends, at random: nothing throws in another way than it says, hangs, or keeps more than it must.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { escaped, readLine } from '../../daemon/channel/escaped-line.ts';
import { progressIn } from '../../daemon/channel/rsync-progress.ts';
import { movedBy } from '../../daemon/channel/rsync-stats.ts';
import { type WatchFrame, watchFrames } from '../../daemon/channel/watch-frames.ts';
import { hostKeysOfConsole } from '../../daemon/remote/console-host-keys.ts';
import { readNotice } from '../../daemon/remote/metadata-watch.ts';
import type { Chance } from '../crash/chance.ts';
import { fuzz, randomBytes } from './fuzz.ts';
import { deepJson, randomJson } from './json.ts';

test("rsync's statistics and progress", (context) =>
  fuzz(context, (chance) => {
    const words = [
      'Number of files transferred: ',
      'Number of regular files transferred: ',
      '\n',
      '\r',
      ' ',
      '% ',
      ',',
      'Total transferred file size: ',
      '12',
      '1,234.5',
      '9'.repeat(400),
      ' '.repeat(2000),
      '\r   12 3% ',
    ];
    const text = randomBytes(chance, 5000, words).toString('utf8');
    const moved = movedBy(text);
    assert.ok(moved.files >= 0 && moved.bytes >= 0, JSON.stringify(text));
    const now = progressIn(text);
    if (now !== undefined)
      assert.ok(now.bytes >= 0 && now.percent >= 0 && now.percent <= 999, JSON.stringify(text));
  }));

test('the frames of a watch', (context) =>
  fuzz(context, async (chance) => {
    const data = (): string => {
      const bytes = chance.below(300);
      return `data ${bytes}\n${'d'.repeat(bytes)}`;
    };
    const words = [
      'watching\n',
      'changed\n',
      'batch 3 400\n',
      'end 0\n',
      'end -1\n',
      data(),
      data(),
      'data 99999\n',
    ];
    const valid = Array.from({ length: chance.below(20) }, () => chance.pick(words.slice(0, 7))).join('');
    const isValid = chance.below(2) === 0;
    const bytes = isValid ? Buffer.from(valid) : randomBytes(chance, 2000, words);
    const whole = await framesOf([bytes]);
    const cut = await framesOf(pieces(bytes, chance));
    assert.deepEqual(cut, whole, JSON.stringify(bytes.toString('latin1')));
    if (isValid) assert.equal(whole.error, undefined, JSON.stringify(valid));
  }));

test('names on their way to a shell', (context) =>
  fuzz(context, (chance) => {
    const names = Array.from({ length: 20 }, () =>
      // No name has a NUL, and a shell's variables are bytes that need not be UTF-8; ours are.
      randomBytes(chance, 40, ['\\', '\n', "'", '"', '$(x)', '`', '%s', '\\n', '\\0101', '\r', '\u{1f680}'])
        .toString('utf8')
        .replaceAll('\0', '')
        .replaceAll('\ufffd', '?'),
    );
    for (const name of names) assert.ok(!escaped(name).includes('\n'));
    const script = names.map(() => `${readLine('name')}; printf '%s\\0' "$name"`).join('\n');
    const output = execFileSync('sh', ['-c', script], {
      input: names.map((one) => `${escaped(one)}\n`).join(''),
    });
    assert.deepEqual(output.toString('utf8').split('\0').slice(0, -1), names);
  }));

test('instance metadata and the boot console', (context) =>
  fuzz(context, (chance) => {
    const members = ['action', 'time'];
    const near = JSON.stringify({
      action: chance.pick(['terminate', 'stop', 'hibernate', 'none', 7, null]),
      time: chance.pick(['2026-11-23T10:02:00Z', '2026-13-45T99:99:99Z', '', 0, '+275761-01-01T00:00:00Z']),
    });
    const cut = chance.below(near.length);
    const body = chance.pick([
      near,
      `${near.slice(0, cut)}${near.slice(cut + 1)}`,
      randomJson(chance, members),
      randomBytes(chance, 300, ['{', '"action"', '"time"']).toString('latin1'),
      chance.below(50) === 0 ? deepJson(chance).slice(0, 16_384) : '',
    ]);
    const notice = readNotice(body);
    if (notice !== undefined) {
      assert.match(notice.action, /^(terminate|stop|hibernate)$/, body);
      assert.ok(Number.isFinite(notice.deadline), body);
    }
    const words = [
      '-----BEGIN SSH HOST KEY KEYS-----\r\n',
      '-----END SSH HOST KEY KEYS-----\n',
      'ssh-ed25519 AAAA',
      '\n',
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl root@x\n',
    ];
    for (const key of hostKeysOfConsole(randomBytes(chance, 2000, words).toString('latin1')))
      assert.match(key, /^[a-z0-9-]+ [A-Za-z0-9+/=]+/);
  }));

async function framesOf(parts: readonly Buffer[]): Promise<{ frames: WatchFrame[]; error?: string }> {
  const frames: WatchFrame[] = [];
  try {
    for await (const frame of watchFrames(streamOf(parts))) {
      const last = frames.at(-1);
      // Data come in pieces as they arrive.
      if (frame.kind === 'data' && last?.kind === 'data')
        frames.splice(-1, 1, { kind: 'data', bytes: Buffer.concat([last.bytes, frame.bytes]) });
      else frames.push(frame);
    }
    return { frames };
  } catch (error) {
    assert.match(String(error), /in no form that is known/);
    return { frames, error: String(error) };
  }
}

async function* streamOf(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield* parts;
}

function pieces(bytes: Buffer, chance: Chance): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + chance.below(100);
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parts;
}
