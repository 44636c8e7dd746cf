// The metadata service of an instance, at its real address in the instance's network. Each line of standard input is a path
// and what is answered from then on, as a JSON array; it ends with its input.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createMetadataService } from '../remote/metadata-service.ts';

const service = createMetadataService();
service.server.listen(80, '169.254.169.254');
await once(service.server, 'listening');
process.stdout.write('ready\n');
for await (const line of createInterface(process.stdin)) {
  const [path = '', answer = ''] = JSON.parse(line) as string[];
  service.answers.set(path, answer);
}
process.exit();
