// A program that serves the socket it was passed, until its standard input ends.
import { openDoor } from '../../daemon/rpc/door.ts';
import { startRpcServer } from '../../daemon/rpc/server.ts';
import { scriptedDaemon, silentLog } from './scripted-service.ts';

const { service, volumes, feed } = scriptedDaemon();
const server = startRpcServer({
  door: await openDoor('/nonexistent/portald.sock', process.env),
  service,
  volumes: volumes.service,
  feed,
  log: silentLog,
  version: '0.0.1',
  newId: () => 'id',
});
process.stdin.resume();
process.stdin.on('end', () => void server.close());
