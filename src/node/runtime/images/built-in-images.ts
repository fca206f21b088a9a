import type { Program } from '../container/process.ts';
import { agnhost } from '../programs/agnhost.ts';
import { component } from '../programs/component.ts';
import { helloApp, helloPage, httpEcho, whoami } from '../programs/echo-servers.ts';
import { genericServer } from '../programs/generic-server.ts';
import { httpd } from '../programs/httpd.ts';
import { nginx, nginxEntrypoint } from '../programs/nginx.ts';
import { pause } from '../programs/pause.ts';
import { python } from '../programs/python.ts';
import { redis, redisCli } from '../programs/redis.ts';
import type { ImageDefinition } from './image-definition.ts';
import type { ImageName } from './image-name.ts';
import { apacheWelcome, nginxConf, nginxDefaultSite, nginxError, nginxWelcome } from './web-pages.ts';

const hub = 'docker.io/library';

const webServers: ImageDefinition[] = [
  {
    names: [`${hub}/nginx`, 'docker.io/nginxinc/nginx-unprivileged', 'quay.io/nginx/nginx-unprivileged', 'public.ecr.aws/nginx/nginx', 'public.ecr.aws/docker/library/nginx'],
    entrypoint: ['/docker-entrypoint.sh'],
    command: ['nginx', '-g', 'daemon off;'],
    stopSignal: 'QUIT',
    tools: 'debian',
    env: (image) => ({ NGINX_VERSION: versionOf(image, '1.29.3') }),
    programs: { '/docker-entrypoint.sh': nginxEntrypoint, '/usr/sbin/nginx': nginx },
    files: nginxFiles,
  },
  {
    names: [`${hub}/httpd`, 'public.ecr.aws/docker/library/httpd'],
    command: ['httpd-foreground'],
    stopSignal: 'WINCH',
    tools: 'debian',
    workingDir: '/usr/local/apache2',
    env: (image) => ({ HTTPD_PREFIX: '/usr/local/apache2', HTTPD_VERSION: versionOf(image, '2.4.65') }),
    programs: { httpd, 'httpd-foreground': httpd, apachectl: httpd },
    files: () =>
      new Map([
        ['/usr/local/apache2/htdocs/index.html', apacheWelcome],
        ['/usr/local/apache2/conf/httpd.conf', 'ServerRoot "/usr/local/apache2"\nListen 80\nDocumentRoot "/usr/local/apache2/htdocs"\n'],
      ]),
  },
];

const agnhostImage: ImageDefinition = {
  names: ['registry.k8s.io/e2e-test-images/agnhost', 'k8s.gcr.io/e2e-test-images/agnhost', 'gcr.io/kubernetes-e2e-test-images/agnhost'],
  entrypoint: ['/agnhost'],
  command: ['pause'],
  tools: 'busybox',
  programs: { agnhost, '/agnhost': agnhost },
};

const demoServers: ImageDefinition[] = [
  agnhostImage,
  single(['docker.io/hashicorp/http-echo'], '/http-echo', httpEcho),
  single(['docker.io/traefik/whoami', 'docker.io/containous/whoami'], '/whoami', whoami),
  single(['gcr.io/google-samples/hello-app', 'us-docker.pkg.dev/google-samples/containers/gke/hello-app'], '/hello-app', helloApp),
  { ...single(['docker.io/nginxdemos/hello'], '/hello', helloPage), tools: 'busybox' },
  single(
    ['registry.k8s.io/pause', 'k8s.gcr.io/pause', 'gcr.io/google_containers/pause', 'docker.io/rancher/mirrored-pause', 'public.ecr.aws/eks-distro/kubernetes/pause'],
    '/pause',
    pause,
  ),
];

const interpreters: ImageDefinition[] = [
  {
    names: [`${hub}/busybox`, 'public.ecr.aws/docker/library/busybox', 'gcr.io/google-containers/busybox', 'registry.k8s.io/e2e-test-images/busybox', 'quay.io/prometheus/busybox'],
    command: ['sh'],
    tools: 'busybox',
  },
  {
    names: [`${hub}/alpine`, 'public.ecr.aws/docker/library/alpine'],
    command: ['/bin/sh'],
    tools: 'busybox',
    files: () =>
      new Map([
        ...['media', 'mnt', 'opt', 'srv'].map((name): [string, string] => [`/${name}/`, '']),
        ['/etc/alpine-release', '3.22.2\n'],
        ['/etc/os-release', 'NAME="Alpine Linux"\nID=alpine\n'],
      ]),
  },
  { names: [`${hub}/bash`], command: ['bash'], tools: 'debian' },
  {
    names: [`${hub}/debian`, `${hub}/ubuntu`, `${hub}/fedora`, `${hub}/almalinux`, `${hub}/rockylinux`, `${hub}/amazonlinux`, `${hub}/oraclelinux`, `${hub}/buildpack-deps`],
    command: ['bash'],
    tools: 'debian',
    files: (image) => new Map([['/etc/os-release', `NAME="${image.repository.slice(8)}"\nID=${image.repository.slice(8)}\n`]]),
  },
  { names: ['docker.io/curlimages/curl'], entrypoint: ['/entrypoint.sh'], command: ['curl'], tools: 'debian', programs: { '/entrypoint.sh': curlEntrypoint } },
  {
    names: [`${hub}/python`, 'public.ecr.aws/docker/library/python'],
    command: ['python3'],
    tools: 'debian',
    env: (image) => ({ PYTHON_VERSION: versionOf(image, '3.14.0') }),
    programs: { python, python3: python },
  },
  {
    names: [`${hub}/redis`, `${hub}/valkey`, 'docker.io/bitnami/redis'],
    command: ['redis-server'],
    tools: 'debian',
    programs: { 'redis-server': redis, 'valkey-server': redis, 'redis-cli': redisCli, 'valkey-cli': redisCli },
  },
];

/** The cluster's own images: their containers stand for what the node itself runs. */
const components: ImageDefinition = {
  names: [
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'kube-proxy',
    'etcd',
    'coredns/coredns',
    'kops/kube-apiserver-healthcheck',
    'kops/dns-controller',
    'kops/kops-controller',
    'cloud-provider-aws/cloud-controller-manager',
    'etcd-manager/etcd-manager',
    'etcdadm/etcd-manager',
  ].map((name) => `registry.k8s.io/${name}`),
  entrypoint: ['component'],
  tools: 'none',
  anyCommand: component,
};

/** What the simulated runtime knows by name; the last one stands for every other image. */
export const builtInImages: readonly ImageDefinition[] = [
  ...webServers,
  ...demoServers,
  ...interpreters,
  components,
  { names: ['*'], entrypoint: ['server'], tools: 'busybox', anyCommand: genericServer },
];

/** An image with one program and nothing else. */
function single(names: string[], path: string, program: Program): ImageDefinition {
  return { names, entrypoint: [path], tools: 'none', programs: { [path]: program } };
}

function curlEntrypoint(process: Parameters<Program>[0]): Promise<number> {
  const [, first = 'curl', ...rest] = process.argv;
  const known = process.machine.find(first, process.cwd);
  process.argv = known ? [first, ...rest] : ['curl', first, ...rest];
  return (known ?? process.machine.find('curl', process.cwd))?.(process) ?? Promise.resolve(127);
}

function nginxFiles(image: ImageName): ReadonlyMap<string, string> {
  const site = image.repository.includes('unprivileged') ? nginxDefaultSite.replaceAll(':80;', ':8080;').replaceAll(' 80;', ' 8080;') : nginxDefaultSite;
  return new Map([
    ['/docker-entrypoint.d/', ''],
    ['/usr/share/nginx/html/index.html', nginxWelcome],
    ['/usr/share/nginx/html/50x.html', nginxError],
    ['/etc/nginx/nginx.conf', nginxConf],
    ['/etc/nginx/mime.types', 'types {\n    text/html html htm;\n}\n'],
    ['/etc/nginx/conf.d/default.conf', site],
  ]);
}

/** The version a tag names, in full; the newest known one for a tag like `latest` or `alpine`. */
function versionOf(image: ImageName, latest: string): string {
  const version = /^\d+(?:\.\d+){1,2}/.exec(image.tag ?? '')?.[0];
  if (version === undefined) return latest;
  return version.split('.').length === 2 ? `${version}.0` : version;
}
