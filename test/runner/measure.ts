// Loaded into each test process: writes down at its end what it took, with the processes that it started and saw end.
import { appendFileSync, readFileSync } from 'node:fs';

/** Of the kernel's clock ticks in /proc, on every Linux that Node runs on. */
const ticksPerSecond = 100;

function cpuSeconds(): number {
  try {
    // utime, stime, cutime and cstime, counted from the state, which follows the name in brackets: proc_pid_stat(5).
    const words = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const ticks = words.slice(11, 15).reduce((sum, word) => sum + Number(word), 0);
    return ticks / ticksPerSecond;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
}

process.once('exit', () => {
  const figures = { file: process.argv[1], seconds: process.uptime(), cpuSeconds: cpuSeconds() };
  appendFileSync(process.env['PORTALD_TEST_FIGURES'] ?? '/dev/null', `${JSON.stringify(figures)}\n`);
});
