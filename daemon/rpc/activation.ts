// Socket activation: systemd may open the socket and pass it, so that the daemon starts with its first client.

/** First descriptor that is passed, by systemd's convention. */
const firstPassedDescriptor = 3;

/**
 * The passed socket's descriptor, if one was passed to this process. Removes the LISTEN_ variables from
 * `environment`, so that no child takes them for its own.
 */
export function takePassedSocket(environment: NodeJS.ProcessEnv, pid: number): number | undefined {
  const { LISTEN_PID: forPid, LISTEN_FDS: count } = environment;
  delete environment['LISTEN_PID'];
  delete environment['LISTEN_FDS'];
  delete environment['LISTEN_FDNAMES'];
  return forPid === String(pid) && count === '1' ? firstPassedDescriptor : undefined;
}
