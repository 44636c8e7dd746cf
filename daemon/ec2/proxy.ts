// The proxy that calls to AWS go through, by the same variables that `aws` reads. Pure. What Node's agents make of them is in its
// documentation ("Built-in Proxy Support").
import { PortalError } from '../../protocol/errors.ts';
import { visibleText } from '../../protocol/visible-text.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Proxy {
  /** The variable that names it. */
  readonly variable: string;
  /** With a scheme; may hold a password. */
  readonly url: string;
}

export interface Proxies {
  /** For addresses with that scheme. */
  readonly https: Proxy | undefined;
  readonly http: Proxy | undefined;
  /** Hosts that are called without one, as Node takes them. */
  readonly except: readonly string[];
}

/** Throws PortalError `configuration` for a proxy of another kind than HTTP. */
export function proxiesOf(environment: Environment): Proxies {
  const except = (valueOf(environment, 'NO_PROXY')?.value ?? '').split(/[,\s]+/).filter((one) => one !== '');
  return {
    https: proxyOf(environment, 'HTTPS_PROXY'),
    http: proxyOf(environment, 'HTTP_PROXY'),
    // To `aws`, a name stands for all that is below it, too; to Node, only one with a dot before it does.
    except: except.flatMap((one) =>
      /^[a-z][^*/]*$/i.test(one) && !isAddress(one) ? [one, `.${one}`] : [one],
    ),
  };
}

/** What Node's agents read. */
export function proxyVariables({ https, http, except }: Proxies): Record<string, string> {
  return {
    ...(https !== undefined && { HTTPS_PROXY: https.url }),
    ...(http !== undefined && { HTTP_PROXY: http.url }),
    ...(except.length > 0 && { NO_PROXY: except.join(',') }),
  };
}

/** The proxy for this address; undefined for none. */
export function proxyFor(address: URL, { https, http, except }: Proxies): Proxy | undefined {
  const { hostname, protocol } = address;
  const host = `${hostname}:${address.port || (protocol === 'https:' ? 443 : 80)}`;
  const isExcepted = except.some((one) => {
    const name = one.replace(/^\*(?=\.)/, '').toLowerCase();
    return (
      one === '*' || name === hostname || name === host || (name.startsWith('.') && hostname.endsWith(name))
    );
  });
  if (isExcepted) return undefined;
  return protocol === 'https:' ? https : http;
}

/** Without a password. */
export function shownProxy({ url, variable }: Proxy): string {
  const { protocol, host, username } = new URL(url);
  return `${protocol}//${username === '' ? '' : '…@'}${visibleText(host)} (${variable})`;
}

function proxyOf(environment: Environment, name: string): Proxy | undefined {
  const found = valueOf(environment, name);
  if (found === undefined) return undefined;
  const { variable, value } = found;
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.hostname !== '')
    return { variable, url };
  throw new PortalError(
    'configuration',
    parsed === undefined
      ? `${variable} is not the address of a proxy`
      : `${variable} names a proxy of the kind ${visibleText(parsed.protocol.replace(/:$/, ''))}; calls to AWS can go through an HTTP proxy only`,
    { hint: `set ${variable} to http://HOST:PORT, or unset it, where portald is started` },
  );
}

/** Lower case counts first, as for curl and `aws`. */
function valueOf(environment: Environment, name: string): { variable: string; value: string } | undefined {
  for (const variable of [name.toLowerCase(), name]) {
    const value = environment[variable]?.trim() ?? '';
    if (value !== '') return { variable, value };
  }
  return undefined;
}

function isAddress(text: string): boolean {
  return /^[\d.:[\]]+$/.test(text);
}
