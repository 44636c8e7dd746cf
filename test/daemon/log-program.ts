// A program that logs as portald does: `log-program.ts FOLDER exit|throw|wait LINES`; `wait`: until its input ends.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../daemon/log.ts';
import { logPath } from '../../protocol/paths.ts';

const [folder = '', end, lines] = process.argv.slice(2);
const log = createLog({ level: 'info', path: logPath(folder) });
for (let line = 0; line < Number(lines); line++) log.info({ line }, 'a line');
log.debug('not of this level');
// Lives on whatever became of the lines, and loses none by its end.
await sleep(50);
log.info('the last line');
if (end === 'wait') await once(process.stdin.resume(), 'end');
if (end === 'throw') throw new Error('nobody expected this');
process.exit(0);
