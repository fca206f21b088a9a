import { systemCode } from '../../../lib/errors.ts';
import type { Process } from '../container/process.ts';
import { slashTime } from './access-log.ts';
import { type HttpService, serveHttp } from './http-service.ts';
import { type Directive, find, findAll, NginxConfigError, readNginxConfig } from './nginx-config.ts';
import { answer } from './nginx-requests.ts';

export interface NginxServer {
  names: string[];
  /** What applies to the whole server, its own directives before those of http. */
  directives: readonly Directive[];
  locations: readonly Directive[];
  isDefault: boolean;
}

interface Port {
  address: string;
  port: number;
  servers: NginxServer[];
}

/** nginx with one configuration: the ports it listens on and the servers behind each. */
export class NginxSite {
  readonly process: Process;
  readonly version: string;
  readonly upstreams: ReadonlyMap<string, { servers: string[]; next: number }>;
  private readonly ports: Map<string, Port>;
  private readonly proxies: readonly Directive[];
  private readonly services = new Map<string, HttpService>();
  private requests = 0;

  private constructor(process: Process, version: string, configuration: readonly Directive[]) {
    this.process = process;
    this.version = version;
    const http = find(configuration, 'http')?.block ?? [];
    this.ports = portsOf(http);
    this.proxies = findAll(http, 'server').flatMap((server) => findAll(server.block ?? [], 'location').flatMap((location) => findAll(location.block ?? [], 'proxy_pass')));
    this.upstreams = new Map(
      findAll(http, 'upstream').map((upstream) => [upstream.args[0] ?? '', { servers: findAll(upstream.block ?? [], 'server').map((server) => server.args[0] ?? ''), next: 0 }]),
    );
  }

  /** Reads the configuration; an error is printed as nginx prints it and undefined returned. */
  static async load(process: Process, version: string): Promise<NginxSite | undefined> {
    try {
      return new NginxSite(process, version, readNginxConfig(process.machine.files, '/etc/nginx/nginx.conf'));
    } catch (error) {
      if (!(error instanceof NginxConfigError)) throw error;
      await process.warn(`${slashTime(process.machine.clock.now())} [emerg] 1#1: ${error.message}\nnginx: [emerg] ${error.message}\n`);
      return undefined;
    }
  }

  async open(): Promise<boolean> {
    const unknown = await this.unknownHost();
    if (unknown !== undefined) {
      await this.process.warn(`${slashTime(this.process.machine.clock.now())} [emerg] 1#1: ${unknown}\nnginx: [emerg] ${unknown}\n`);
      return false;
    }
    try {
      for (const key of this.ports.keys()) await this.listen(key);
      return true;
    } catch (error) {
      if (systemCode(error) !== 'EADDRINUSE') throw error;
      const { port } = error as unknown as { port: number };
      await this.process.warn(`nginx: [emerg] bind() to 0.0.0.0:${port} failed (98: Address already in use)\n`);
      return false;
    }
  }

  /** nginx does not start when a host that it shall pass requests to has no address. */
  private async unknownHost(): Promise<string | undefined> {
    for (const directive of this.proxies) {
      const host = /^https?:\/\/([^/:$]+)(?=[:/]|$)/.exec(directive.args[0] ?? '')?.[1];
      if (host === undefined || this.upstreams.has(host)) continue;
      if ((await this.process.machine.network.lookup(host)).length === 0) return `host not found in upstream "${host}" in ${directive.where}`;
    }
    return undefined;
  }

  /** Goes on with another configuration: ports in both stay open. */
  async reconfigure(next: NginxSite): Promise<void> {
    const before = this.ports;
    for (const key of before.keys()) if (!next.ports.has(key)) void this.services.get(key)?.drain();
    for (const [key, service] of this.services) if (next.ports.has(key)) next.services.set(key, service);
    this.successor = next;
    for (const key of next.ports.keys()) if (!next.services.has(key)) await next.listen(key);
  }

  async drain(): Promise<void> {
    await Promise.all([...this.services.values()].map((service) => service.drain()));
  }

  private successor: NginxSite | undefined;

  private get current(): NginxSite {
    return this.successor?.current ?? this;
  }

  private async listen(key: string): Promise<void> {
    const port = this.ports.get(key);
    if (!port) return;
    const service = await serveHttp(this.process, port, (exchange) => {
      const site = this.current;
      site.requests++;
      return answer(site, site.serverFor(key, exchange.request.headers.host), exchange, site.requests);
    });
    this.services.set(key, service);
  }

  private serverFor(key: string, host: string | undefined): NginxServer | undefined {
    const servers = this.ports.get(key)?.servers ?? [];
    const name = (host ?? '').replace(/:\d+$/, '').toLowerCase();
    return servers.find((server) => server.names.some((pattern) => nameMatches(pattern, name))) ?? servers.find((server) => server.isDefault) ?? servers[0];
  }
}

function nameMatches(pattern: string, name: string): boolean {
  if (pattern.startsWith('*.')) return name.endsWith(pattern.slice(1));
  if (pattern.endsWith('.*')) return name.startsWith(pattern.slice(0, -1));
  return pattern === name;
}

function portsOf(http: readonly Directive[]): Map<string, Port> {
  const ports = new Map<string, Port>();
  const inherited = http.filter((directive) => directive.block === undefined);
  for (const server of findAll(http, 'server')) {
    const block = server.block ?? [];
    const listens = findAll(block, 'listen');
    for (const listen of listens.length > 0 ? listens : [{ name: 'listen', args: ['80'], block: undefined, where: server.where }]) {
      const { address, port } = addressOf(listen);
      const key = `${address}:${port}`;
      const isDefault = listen.args.includes('default_server');
      const entry = ports.get(key) ?? { address, port, servers: [] };
      ports.set(key, entry);
      // `listen 80` and `listen [::]:80` of one server are one listener here.
      if (entry.servers.some((other) => other.locations === locationsOf.get(server))) continue;
      const locations = locationsOf.get(server) ?? findAll(block, 'location');
      locationsOf.set(server, locations);
      entry.servers.push({
        names: findAll(block, 'server_name').flatMap((names) => names.args.map((name) => name.toLowerCase())),
        directives: [...block.filter((directive) => directive.name !== 'location'), ...inherited],
        locations,
        isDefault,
      });
    }
  }
  return ports;
}

const locationsOf = new WeakMap<Directive, readonly Directive[]>();

function addressOf(listen: Directive): { address: string; port: number } {
  const text = listen.args[0] ?? '';
  if (text.startsWith('unix:') || listen.args.includes('ssl') || listen.args.includes('quic'))
    throw new NginxConfigError(`"listen ${listen.args.join(' ')}" is not part of this simulation, in ${listen.where}`);
  const match = /^(?:(\[[^\]]*\]|[^:]+):)?(\d+)$/.exec(text);
  const port = Number(match?.[2] ?? 80);
  if ((!match && /^\d/.test(text) && !text.includes('.')) || port < 1 || port > 65535)
    throw new NginxConfigError(`invalid port in "${text}" of the "listen" directive in ${listen.where}`);
  const host = match ? (match[1] ?? '') : text;
  const all = host === '' || host === '*' || host.startsWith('[') || host === '0.0.0.0';
  return { address: all ? '' : host === 'localhost' ? '127.0.0.1' : host, port };
}
