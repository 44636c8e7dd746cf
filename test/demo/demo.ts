// The main job in front of your eyes: a portal is opened, works, is interrupted, recovers, and is closed, on an EC2 in
// a box. Real portald, real portalctl, real rsync over real SSH, the real AWS client over real HTTP.
import { constants, tmpdir } from 'node:os';
import { ownDelays, type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import { clearLeftovers, folderPrefix } from './leftovers.ts';
import { createNarrator } from './narrator.ts';
import { play, volumeOfDemo } from './play.ts';

let fixture: ProgramsFixture | undefined;
let interrupted: NodeJS.Signals | undefined;
const hurry = new AbortController();
const interrupt = (signal: NodeJS.Signals): void => {
  interrupted ??= signal;
  hurry.abort();
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
// Nobody reads on (`npm run demo | head`): as good as Ctrl-C.
process.stdout.on('error', () => interrupt('SIGPIPE'));

clearLeftovers(tmpdir());
try {
  const narrator = createNarrator(() => performance.now());
  narrator.chapter('Setting the fixture');
  fixture = await startProgramsFixture(folderPrefix(process.pid), { volumes: [volumeOfDemo] }, ownDelays);
  narrator.say(
    `an EC2 in a box answers at ${fixture.sandbox.endpoint}; no real AWS is asked, nothing costs money`,
  );
  narrator.say(
    "its machines boot in a second (Amazon's take longer); its two minutes of notice are as on AWS",
  );
  narrator.say(`one volume is there from before, ${volumeOfDemo.volumeId}; it stands for your data`);
  narrator.say(`everything of this demo is in ${fixture.folder}, and is removed at the end`);
  await play(fixture, narrator, hurry.signal);
} catch (error) {
  if (interrupted === undefined) {
    process.stderr.write(`\ndemo: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
} finally {
  await fixture?.end();
}
if (interrupted !== undefined) {
  process.stdout.write('\nInterrupted: everything that the demo had started is ended and removed.\n');
  process.exitCode = 128 + constants.signals[interrupted];
} else if (process.exitCode === undefined) {
  process.stdout.write('\nEverything that the demo had started is ended and removed.\n');
}
