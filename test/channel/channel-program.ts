// A program that runs one channel as portald does, prints what is to be noted, and then waits to be killed.
// Arguments: folder, target and specification as JSON.
import type { RemoteTarget } from '../../daemon/portal/gateways.ts';
import type { ChannelSpecification } from '../../protocol/specification/schema.ts';
import { eventually } from '../fixture/eventually.ts';
import { channelsIn, linkTo, transportOf } from './channel-fixture.ts';

const [folder = '', target = '', specification = ''] = process.argv.slice(2);
const link = linkTo(folder, JSON.parse(target) as RemoteTarget);
const channels = channelsIn(folder);
const channel = channels.open(JSON.parse(specification) as ChannelSpecification, () => {
  for (const said of [channel.view().note, channel.view().error])
    if (said !== undefined) process.stdout.write(`${said}\n`);
});
channel.resume(await transportOf(link));
await eventually('it is synchronised', () => channel.view().synchronisations > 0, 300_000);
process.stdout.write('synchronised\n');
