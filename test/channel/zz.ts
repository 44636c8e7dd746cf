import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { patient, startChannelBench } from './channel-bench.ts';

await using bench = await startChannelBench();
const n = Number(process.argv[2] ?? 0);
for (let i = 0; i < n; i++) {
  const d = join(bench.local, `d${i % 100}`);
  mkdirSync(d, { recursive: true });
  writeFileSync(join(d, `f${i}`), `x${i}`);
}
const channel = bench.open({
  direction: 'out',
  local_path: './',
  remote_path: '~/there/',
  recursive: true,
  delay: 0,
} as const);
channel.resume(await bench.transport());
await channel.synchronise({ ...patient, timeoutMs: 100000 });
await sleep(1500);
console.log(channel.view());
const times: number[] = [];
mkdirSync(join(bench.local, 'e'), { recursive: true });
await sleep(1500);
for (let i = 0; i < 30; i++) {
  const text = `${i}-`.padEnd(4096, 'y');
  const t = performance.now();
  writeFileSync(join(bench.local, 'e/file'), text);
  for (;;) {
    try {
      if (readFileSync(join(bench.remote, 'e/file'), 'utf8') === text) break;
    } catch {}
    await sleep(0);
    if (performance.now() - t > 5000) {
      console.log('lost', i, channel.view());
      break;
    }
  }
  times.push(performance.now() - t);
  await sleep(300);
}
times.sort((a, b) => a - b);
console.log(
  'median',
  times[15]?.toFixed(1),
  'p95',
  times[28]?.toFixed(1),
  'min',
  times[0]?.toFixed(1),
  channel.view(),
);
