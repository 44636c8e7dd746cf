// A program that connects as portald does, says so, and unmounts a volume when it reads a line. It is killed in the middle.
// Arguments: folder, target and volume as JSON.
import { once } from 'node:events';
import type { RemoteTarget } from '../../daemon/portal/gateways.ts';
import type { VolumeSpecification } from '../../protocol/specification/schema.ts';
import { connected, connectTo } from '../remote/link-fixture.ts';

const [folder = '', target = '', volume = ''] = process.argv.slice(2);
const link = connectTo(folder, JSON.parse(target) as RemoteTarget);
await connected(link);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdout.write('begun\n');
await link.unmountVolume(JSON.parse(volume) as VolumeSpecification, { evict: true });
process.stdout.write('done\n');
await link.close();
process.exit();
