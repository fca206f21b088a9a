import { httpd } from '../programs/httpd.ts';
import { nginx, nginxEntrypoint } from '../programs/nginx.ts';
import type { ImageDefinition } from './image-definition.ts';
import type { ImageName } from './image-name.ts';
import { versionOf } from './image-version.ts';
import { apacheWelcome, nginxConf, nginxDefaultSite, nginxError, nginxWelcome } from './web-pages.ts';

const hub = 'docker.io/library';

/** nginx and Apache, from wherever people pull them. */
export const webServers: ImageDefinition[] = [
  {
    names: [
      `${hub}/nginx`,
      'docker.io/nginxinc/nginx-unprivileged',
      'quay.io/nginx/nginx-unprivileged',
      'public.ecr.aws/nginx/nginx',
      'registry.k8s.io/nginx-slim',
      'registry.k8s.io/nginx',
    ],
    entrypoint: ['/docker-entrypoint.sh'],
    command: ['nginx', '-g', 'daemon off;'],
    stopSignal: 'QUIT',
    tools: 'debian',
    env: (image) => ({ NGINX_VERSION: versionOf(image, '1.29.3') }),
    programs: { '/docker-entrypoint.sh': nginxEntrypoint, '/usr/sbin/nginx': nginx },
    files: nginxFiles,
  },
  {
    names: [`${hub}/httpd`],
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
