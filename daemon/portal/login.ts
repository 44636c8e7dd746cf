// How one logs in to an instance: as the specification said when it was launched, whatever it says by now.
import type { Specification } from '../../protocol/specification/schema.ts';
import type { Login } from './record.ts';

export function loginBy({ spot_instance: instance, host_key: hostKey }: Specification): Login {
  return {
    user: instance.remote_user,
    port: instance.ssh_port ?? 22,
    identityFile: instance.identity_file,
    hostKey: hostKey ?? 'seeded',
  };
}
