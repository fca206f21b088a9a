import type { Process, Program } from '../container/process.ts';
import { send } from './http-service.ts';
import { plainText, simpleServer } from './simple-server.ts';

/** kubernetes-bootcamp, the app of Kubernetes Basics: its answer tells the pod and the version. */
export const bootcamp: Program = async (process) => {
  const { pod, image, clock } = process.machine;
  const startedAt = clock.now();
  const version = image.tag.startsWith('v') ? image.tag.slice(1) : '1';
  let requests = 0;
  await process.print(`Kubernetes Bootcamp App Started At: ${new Date(startedAt).toISOString()} | Running On:  ${pod.hostname} \n\n`);
  return simpleServer(process, '', 8080, async ({ response }) => {
    send(response, 200, `Hello Kubernetes bootcamp! | Running on: ${pod.hostname} | v=${version}\n`, { 'Content-Type': 'text/plain' });
    const uptime = (clock.now() - startedAt) / 1000;
    await process.print(`Running On: ${pod.hostname} | Total Requests: ${++requests} | App Uptime: ${uptime} seconds | Log Time: ${new Date(clock.now()).toISOString()}\n`);
  });
};

/** google-samples/node-hello. */
export const nodeHello: Program = (process) => answering(process, Number(process.env.get('PORT') ?? 8080), 'Hello Kubernetes!');

/** hpa-example: here it answers without the work it is known for. */
export const hpaExample: Program = (process) => answering(process, 80, 'OK!');

function answering(process: Process, port: number, body: string): Promise<number> {
  return simpleServer(process, '', port, async ({ request, response }) => {
    send(response, 200, body, plainText);
    await process.print(`Received request for URL: ${request.url}\n`);
  });
}

/** stefanprodan/podinfo: who it is, and its health. */
export const podinfo: Program = async (process) => {
  const { pod, image } = process.machine;
  const version = image.tag === 'latest' ? '6.9.2' : image.tag;
  const port = Number(/--port[= ](\d+)/.exec(process.argv.join(' '))?.[1] ?? process.env.get('PODINFO_PORT') ?? 9898);
  const facts = {
    hostname: pod.hostname,
    version,
    color: process.env.get('PODINFO_UI_COLOR') ?? '#34577c',
    message: process.env.get('PODINFO_UI_MESSAGE') ?? `greetings from podinfo v${version}`,
  };
  const json = { 'Content-Type': 'application/json; charset=utf-8' };
  await process.print(`{"level":"info","msg":"Starting HTTP Server.","addr":":${port}"}\n`);
  return simpleServer(process, '', port, ({ request, response }) => {
    const path = (request.url ?? '/').split('?', 1)[0];
    if (path === '/healthz' || path === '/readyz') return send(response, 200, '{\n  "status": "OK"\n}', json);
    if (path === '/version') return send(response, 200, JSON.stringify({ version }, undefined, 2), json);
    if (path === '/env') return send(response, 200, JSON.stringify([...process.env].map(([name, value]) => `${name}=${value}`)), json);
    return send(response, path === '/' || path === '/api/info' ? 200 : 404, JSON.stringify(facts, undefined, 2), json);
  });
};

/** paulbouwer/hello-kubernetes: a page with the pod's name. */
export const helloKubernetes: Program = (process) => {
  const { pod } = process.machine;
  const message = (process.env.get('MESSAGE') ?? 'Hello world!').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return simpleServer(process, '', Number(process.env.get('PORT') ?? 8080), ({ response }) =>
    send(
      response,
      200,
      `<!DOCTYPE html>\n<html>\n<head><title>Hello Kubernetes!</title></head>\n<body>\n<h1>${message}</h1>\n<table>\n<tr><th>pod:</th><td>${pod.hostname}</td></tr>\n<tr><th>node:</th><td>${pod.node}</td></tr>\n</table>\n</body>\n</html>\n`,
      { 'Content-Type': 'text/html; charset=utf-8' },
    ),
  );
};
