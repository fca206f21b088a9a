import { baseName, resolvePath } from '../container/file-system.ts';
import type { Process, Program } from '../container/process.ts';
import { apacheTime, commonLogTime, quoted } from './access-log.ts';
import { type HttpExchange, type HttpService, httpDate, send, serveHttp } from './http-service.ts';
import { mimeType } from './mime-types.ts';
import { untilStopped } from './until-stopped.ts';

const root = '/usr/local/apache2/htdocs';

/** Apache's server with the image's own configuration; of that, `Listen` is read. */
export const httpd: Program = async (process) => {
  const args = process.argv.slice(1);
  if (args.includes('-v')) {
    await process.print(`Server version: Apache/${version(process)} (Unix)\n`);
    return 0;
  }
  if (args.includes('-t')) {
    await process.warn('Syntax OK\n');
    return 0;
  }
  const name = `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${process.machine.pod.ip}. Set the 'ServerName' directive globally to suppress this message\n`;
  await process.warn(name);
  let service: HttpService;
  const port = portOf(process);
  try {
    service = await serveHttp(process, { port }, (exchange) => answer(process, exchange));
  } catch {
    await process.warn(
      `(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:${port}\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n`,
    );
    return 1;
  }
  await notice(process, `AH00489: Apache/${version(process)} (Unix) configured -- resuming normal operations`, 'mpm_event');
  await notice(process, "AH00094: Command line: 'httpd -D FOREGROUND'", 'core');
  const onSignal = (signal: string) =>
    notice(process, signal === 'WINCH' ? 'AH00492: caught SIGWINCH, shutting down gracefully' : 'AH00491: caught SIGTERM, shutting down', 'mpm_event');
  return untilStopped(process, { service, exitCode: 0, signals: ['WINCH', 'TERM', 'INT'], onSignal });
};

function portOf(process: Process): number {
  const path = '/usr/local/apache2/conf/httpd.conf';
  const listen = process.machine.files.stat(path) ? /^\s*Listen\s+(?:\S+:)?(\d+)/m.exec(process.machine.files.readText(path)) : undefined;
  return Number(listen?.[1] ?? 80);
}

function version(process: Process): string {
  return process.env.get('HTTPD_VERSION') ?? '2.4.65';
}

function notice(process: Process, text: string, module: string): Promise<void> {
  return process.warn(`[${apacheTime(process.machine.clock.now())}] [${module}:notice] [pid 1:tid 1] ${text}\n`);
}

async function answer(process: Process, exchange: HttpExchange): Promise<void> {
  const { request, response, client } = exchange;
  const { status, body, type } = content(process, exchange);
  send(response, status, body, { Server: `Apache/${version(process)} (Unix)`, 'Last-Modified': httpDate(process.machine.clock.now()), 'Content-Type': type });
  const line = quoted(`${request.method} ${request.url} HTTP/${request.httpVersion}`);
  await process.print(`${client.ip} - - [${commonLogTime(process.machine.clock.now())}] "${line}" ${status} ${body.length}\n`);
}

function content(process: Process, { request }: HttpExchange): { status: number; body: string | Uint8Array; type: string } {
  const { files } = process.machine;
  if (request.method !== 'GET' && request.method !== 'HEAD') return page(405, 'Method Not Allowed', `The requested method ${request.method} is not allowed for this URL.`);
  const path = resolvePath(root, `.${decoded(request.url ?? '/')}`);
  if (path !== root && !path.startsWith(`${root}/`)) return page(403, 'Forbidden', "You don't have permission to access this resource.");
  const file = files.stat(path)?.type === 'dir' ? `${path}/index.html` : path;
  if (files.stat(file)?.type === 'file') return { status: 200, body: files.read(file), type: mimeType(baseName(file)) };
  return page(404, 'Not Found', 'The requested URL was not found on this server.');
}

function decoded(url: string): string {
  const path = url.split('?', 1)[0] ?? '/';
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function page(status: number, title: string, text: string): { status: number; body: string; type: string } {
  return {
    status,
    type: 'text/html; charset=iso-8859-1',
    body: `<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body></html>\n`,
  };
}
