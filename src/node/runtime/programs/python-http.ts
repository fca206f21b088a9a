import { baseName, resolvePath } from '../container/file-system.ts';
import type { Process } from '../container/process.ts';
import { commonLogTime } from './access-log.ts';
import { type HttpService, send, serveHttp } from './http-service.ts';
import { mimeType } from './mime-types.ts';
import { untilStopped } from './until-stopped.ts';

/** `python -m http.server [PORT] [--directory DIR]`. Asked to stop, it ends without a word only when it is not PID 1, as Python does. */
export async function pythonHttpServer(process: Process, args: string[], version: string): Promise<number> {
  const directory = resolvePath(
    process.cwd,
    args.includes('--directory') ? (args[args.indexOf('--directory') + 1] ?? '.') : args.includes('-d') ? (args[args.indexOf('-d') + 1] ?? '.') : '.',
  );
  const port = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 8000);
  let service: HttpService;
  try {
    service = await serveHttp(process, { port }, async ({ request, response, client }) => {
      const { status, body, type } = page(process, directory, request.url ?? '/');
      send(response, status, body, { Server: `SimpleHTTP/0.6 Python/${version}`, 'Content-Type': type });
      await process.warn(
        `${client.ip} - - [${commonLogTime(process.machine.clock.now()).replace(/:/, ' ').replace(' +0000', '')}] "${request.method} ${request.url} HTTP/${request.httpVersion}" ${status} -\n`,
      );
    });
  } catch {
    await process.warn('OSError: [Errno 98] Address already in use\n');
    return 1;
  }
  await process.print(`Serving HTTP on 0.0.0.0 port ${port} (http://0.0.0.0:${port}/) ...\n`);
  return untilStopped(process, { service, exitCode: 0, signals: ['INT'] });
}

function page(process: Process, directory: string, url: string): { status: number; body: string | Uint8Array; type: string } {
  const { files } = process.machine;
  const path = resolvePath(directory, `.${url.split('?', 1)[0]}`);
  const stat = path.startsWith(directory) ? files.stat(path) : undefined;
  if (stat?.type === 'file') return { status: 200, body: files.read(path), type: mimeType(baseName(path)) };
  const index = resolvePath(path, 'index.html');
  if (stat && files.stat(index)?.type === 'file') return { status: 200, body: files.read(index), type: 'text/html' };
  if (!stat)
    return {
      status: 404,
      body: '<!DOCTYPE HTML>\n<html><head><title>Error response</title></head><body><h1>Error response</h1><p>Error code: 404</p><p>Message: File not found.</p></body></html>\n',
      type: 'text/html;charset=utf-8',
    };
  const rows = files.list(path).map((name) => {
    const label = `${name}${files.stat(resolvePath(path, name))?.type === 'dir' ? '/' : ''}`;
    return `<li><a href="${encodeURI(label)}">${label.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</a></li>`;
  });
  return {
    status: 200,
    body: `<!DOCTYPE HTML>\n<html><head><title>Directory listing</title></head><body>\n<ul>\n${rows.join('\n')}\n</ul>\n</body></html>\n`,
    type: 'text/html; charset=utf-8',
  };
}
