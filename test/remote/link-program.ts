// A program that connects as portald does and then waits to be killed. Arguments: folder, target as JSON.
import type { RemoteTarget } from '../../daemon/portal/gateways.ts';
import { eventually } from '../fixture/eventually.ts';
import { connectTo } from './link-fixture.ts';

const [folder = '', target = ''] = process.argv.slice(2);
const link = connectTo(folder, JSON.parse(target) as RemoteTarget);
await eventually('the transport is there', () => link.transport());
process.stdout.write('ready\n');
