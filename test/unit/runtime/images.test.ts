import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/lib/clock.ts';
import { builtInImages } from '../../../src/node/runtime/images/built-in-images.ts';
import { simulated } from './runtime-fixture.ts';

const never = new AbortController().signal;
let world: ReturnType<typeof simulated>;
beforeEach(() => {
  world = simulated({ names: { 'web.default.svc.cluster.local': ['127.26.9.9'] } });
});
afterEach(async () => {
  await world.fabric.close();
  expect(world.problems).toEqual([]);
});

const up = (ip: string, port: number) =>
  expect
    .poll(() =>
      world.h.get(ip, port).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBeGreaterThan(0);

describe('images of tutorials', () => {
  it.each([
    ['gcr.io/google-samples/kubernetes-bootcamp:v2', 8080, /^Hello Kubernetes bootcamp! \| Running on: pod-1 \| v=2\n$/],
    ['gcr.io/google-samples/node-hello:1.0', 8080, /^Hello Kubernetes!$/],
    [
      'registry.k8s.io/echoserver:1.10',
      8080,
      /Hostname: pod-1\n\nPod Information:\n\t-no pod information available-\n[\s\S]*\tclient_address=127\.26\.0\.10\n\tmethod=GET\n\treal path=\//,
    ],
    ['k8s.gcr.io/echoserver:1.4', 8080, /Hostname: pod-1/],
    ['kicbase/echo-server:1.0', 8080, /^Request served by pod-1\n\nHTTP\/1\.1 GET \/\n\nHost: 127/],
    ['registry.k8s.io/hpa-example', 80, /^OK!$/],
    ['registry.k8s.io/nginx-slim:0.24', 80, /Welcome to nginx!/],
    ['stefanprodan/podinfo:6.9.2', 9898, /"hostname": "pod-1",\n {2}"version": "6\.9\.2"/],
    ['paulbouwer/hello-kubernetes:1.10', 8080, /<td>pod-1<\/td>/],
    ['nginxdemos/nginx-hello:plain-text', 8080, /Server address: 127\.26\.1\.1:8080/],
    ['public.ecr.aws/docker/library/nginx:alpine', 80, /Welcome to nginx!/],
    ['tomcat:9.0.109-jdk17', 8080, /image: tomcat:9\.0\.109-jdk17/],
  ])('%s answers on port %i', async (image, port, body) => {
    const { sandbox } = await world.h.start(image);
    await up(sandbox.ip, port);
    expect((await world.h.get(sandbox.ip, port)).body).toMatch(body);
  });

  it('databases want their variables, open their port and answer probes', async () => {
    const refused = await world.h.start('mysql:9');
    expect(await world.h.exited(refused.id)).toMatchObject({ exitCode: 1 });
    expect((await world.h.logs(refused.id)).join('\n')).toContain('Database is uninitialized and password option is not specified');
    const { id, sandbox } = await world.h.start('postgres:17', { env: { POSTGRES_PASSWORD: 'x' } });
    expect(await world.h.logLine(id, /./)).toBe('postgres:17: simulated, answers HTTP on port 5432');
    await up(sandbox.ip, 5432);
    expect(await world.h.exec(id, ['pg_isready', '-U', 'postgres'])).toMatchObject({ code: 0, out: '/var/run/postgresql:5432 - accepting connections\n' });
    expect(await world.h.exec(id, ['psql', '-c', 'select * from t'])).toMatchObject({
      code: 1,
      err: 'psql: this database is simulated: it accepts connections and keeps no data\n',
    });
    const client = await world.h.start('mysql:9', { spec: { args: ['mysql', '-h', 'db', '-ppassword'] } });
    expect(await world.h.exited(client.id)).toMatchObject({ exitCode: 1 });
  });

  it('perl computes π', async () => {
    const { id } = await world.h.start('perl:5.34.0', { spec: { command: ['perl', '-Mbignum=bpi', '-wle', 'print bpi(2000)'] } });
    expect(await world.h.exited(id)).toMatchObject({ exitCode: 0 });
    const [digits = ''] = await world.h.logs(id);
    expect(digits).toHaveLength(2001);
    expect(digits.endsWith('58326459958133904780275901')).toBe(true);
    expect(digits).toMatch(/^3\.14159265358979323846264338327950288419716939937510/);
    const shorter = await world.h.start('perl:5.34', { spec: { command: ['perl', '-Mbignum=bpi', '-wle', 'print bpi(50)'] } });
    await world.h.exited(shorter.id);
    expect(await world.h.logs(shorter.id)).toEqual(['3.1415926535897932384626433832795028841971693993751']);
  });

  it('agnhost liveness is well for ten seconds', async () => {
    const clock = new VirtualClock();
    const virtual = simulated({ clock });
    const starting = virtual.h.start('registry.k8s.io/e2e-test-images/agnhost:2.40', { spec: { args: ['liveness'] } });
    await clock.advance(1000);
    const { sandbox } = await starting;
    expect(await virtual.h.get(sandbox.ip, 8080, '/healthz')).toMatchObject({ status: 200, body: 'ok' });
    await clock.advance(11_000);
    expect((await virtual.h.get(sandbox.ip, 8080, '/healthz')).status).toBe(500);
    await virtual.fabric.close();
  });

  it('boxes of tools have curl and dig', async () => {
    for (const image of ['radial/busyboxplus:curl', 'nicolaka/netshoot']) {
      const { id } = await world.h.start(image, { spec: { command: ['sleep', '3600'] } });
      expect((await world.h.exec(id, ['sh', '-c', 'which curl dig; dig +short web.default.svc.cluster.local; dig nope.example'])).out).toMatch(
        /^\/usr\/local\/bin\/curl\n\/usr\/local\/bin\/dig\n127\.26\.9\.9\n[\s\S]*status: NXDOMAIN/,
      );
    }
  });

  it.each([
    'nginx:1.161',
    'nginx:1.99',
    'nginx:2',
    'busybox:99',
    'public.ecr.aws/docker/library/redis:99',
    'gcr.io/google-samples/kubernetes-bootcamp:v10',
    'gcr.io/google-samples/hello-app:3.0',
  ])('there is no %s', async (image) => {
    await expect(world.runtime.pullImage(image, { signal: never })).rejects.toMatchObject({
      reason: 'ErrImagePull',
      message: expect.stringMatching(/^failed to pull and unpack image ".*": not found$|: not found$/),
    });
  });
});

it('no two definitions share a name, and none hides another', () => {
  const names = builtInImages.flatMap((definition) => definition.names);
  expect(new Set(names).size).toBe(names.length);
});
