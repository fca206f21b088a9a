import { agnhost } from '../programs/agnhost.ts';
import { nginx, nginxEntrypoint } from '../programs/nginx.ts';
import { pause } from '../programs/pause.ts';
import type { ImageDefinition } from './image-definition.ts';
import type { ImageName } from './image-name.ts';
import { nginxConf, nginxDefaultSite, nginxError, nginxWelcome } from './web-pages.ts';

/** What the simulated runtime knows by name; the last one stands for every other image. */
export const builtInImages: readonly ImageDefinition[] = [
  {
    names: ['docker.io/library/nginx', 'docker.io/nginxinc/nginx-unprivileged', 'quay.io/nginx/nginx-unprivileged'],
    entrypoint: ['/docker-entrypoint.sh'],
    command: ['nginx', '-g', 'daemon off;'],
    stopSignal: 'QUIT',
    tools: 'debian',
    env: (image) => ({ NGINX_VERSION: versionOf(image, '1.29.3') }),
    programs: { '/docker-entrypoint.sh': nginxEntrypoint, nginx },
    files: (image) =>
      new Map([
        ['/usr/share/nginx/html/index.html', nginxWelcome],
        ['/usr/share/nginx/html/50x.html', nginxError],
        ['/etc/nginx/nginx.conf', nginxConf],
        ['/etc/nginx/mime.types', 'types {\n    text/html html htm;\n}\n'],
        [
          '/etc/nginx/conf.d/default.conf',
          image.repository.includes('unprivileged') ? nginxDefaultSite.replaceAll(':80;', ':8080;').replaceAll(' 80;', ' 8080;') : nginxDefaultSite,
        ],
      ]),
  },
  {
    names: ['registry.k8s.io/e2e-test-images/agnhost', 'k8s.gcr.io/e2e-test-images/agnhost', 'gcr.io/kubernetes-e2e-test-images/agnhost'],
    entrypoint: ['/agnhost'],
    command: ['pause'],
    tools: 'busybox',
    programs: { agnhost, '/agnhost': agnhost },
  },
  { names: ['registry.k8s.io/pause', 'k8s.gcr.io/pause', 'gcr.io/google_containers/pause'], entrypoint: ['/pause'], tools: 'none', programs: { '/pause': pause } },
  { names: ['docker.io/library/busybox', 'docker.io/library/alpine', 'docker.io/library/bash'], command: ['sh'], tools: 'busybox' },
  { names: ['*'], tools: 'busybox' },
];

function versionOf(image: ImageName, latest: string): string {
  const version = /^\d+\.\d+(\.\d+)?/.exec(image.tag ?? '')?.[0];
  return version === undefined ? latest : version.split('.').length === 2 ? `${version}.0` : version;
}
