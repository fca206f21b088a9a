import type { Process, Program } from '../container/process.ts';
import { slashTime } from './access-log.ts';
import { NginxSite } from './nginx-site.ts';

/** nginx's entry point script, in what it prints and does: it starts the command it is given. */
export const nginxEntrypoint: Program = async (process) => {
  const [command = ''] = process.argv.slice(1);
  const program = process.machine.find(command, process.cwd);
  if (!program) {
    await process.warn(`/docker-entrypoint.sh: exec: line 47: ${command}: not found\n`);
    return 127;
  }
  if (/^nginx(-debug)?$/.test(command) && speaks(version(process))) for (const line of entrypointLines) await process.print(`${line}\n`);
  process.argv = process.argv.slice(1);
  return program(process);
};

const entrypointLines = [
  '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration',
  '/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/',
  '/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh',
  '10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf',
  '10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf',
  '/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh',
  '/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh',
  '/docker-entrypoint.sh: Configuration complete; ready for start up',
];

export const nginx: Program = async (process) => {
  const args = process.argv.slice(1);
  if (args.includes('-v') || args.includes('-V')) {
    await process.warn(`nginx version: nginx/${version(process)}\n`);
    return 0;
  }
  const site = await NginxSite.load(process, version(process));
  if (!site) return 1;
  if (args.includes('-t') || args.includes('-T')) {
    await process.warn('nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n');
    return 0;
  }
  const signal = args[args.indexOf('-s') + 1];
  if (args.includes('-s') && signal) return control(process, signal);
  return serve(process, site);
};

async function control(process: Process, signal: string): Promise<number> {
  const names: Record<string, string> = { stop: 'TERM', quit: 'QUIT', reload: 'HUP', reopen: 'USR1' };
  const name = names[signal];
  if (!name) {
    await process.warn(`nginx: invalid option: "-s ${signal}"\n`);
    return 1;
  }
  process.machine.processes.get(1)?.kill(name);
  return 0;
}

async function serve(process: Process, first: NginxSite): Promise<number> {
  let site = first;
  const notice = (text: string) => (speaks(version(process)) ? process.warn(`${slashTime(process.machine.clock.now())} [notice] 1#1: ${text}\n`) : undefined);
  if (!(await site.open())) return 1;
  await notice('using the "epoll" event method');
  await notice(`nginx/${version(process)}`);
  await notice('OS: Linux 6.1.0');
  await notice('start worker processes');
  await notice('start worker process 29');
  for (;;) {
    const signal = await process.signalled('QUIT', 'TERM', 'INT', 'HUP');
    if (signal === 'HUP') {
      await notice('signal 1 (SIGHUP) received, reconfiguring');
      const next = await NginxSite.load(process, version(process));
      if (!next) continue;
      await site.reconfigure(next);
      site = next;
      continue;
    }
    await notice(signal === 'QUIT' ? 'signal 3 (SIGQUIT) received, shutting down' : 'signal 15 (SIGTERM) received, exiting');
    await site.drain();
    await notice('exit');
    return 0;
  }
}

function version(process: Process): string {
  return process.env.get('NGINX_VERSION') ?? '1.29.3';
}

/** Older images started without a word. */
function speaks(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 1 || minor >= 19;
}
