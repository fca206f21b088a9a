import type { Program } from '../container/process.ts';
import { agnhost } from '../programs/agnhost.ts';
import { helloApp, helloPage, httpEcho, whoami } from '../programs/echo-servers.ts';
import { pause } from '../programs/pause.ts';
import { echoServer, echoserver } from '../programs/request-echo.ts';
import { bootcamp, helloKubernetes, hpaExample, nodeHello, podinfo } from '../programs/tutorial-apps.ts';
import type { ImageDefinition } from './image-definition.ts';

/** Images with one program and nothing else. */
const bare: ImageDefinition[] = [
  single(['docker.io/hashicorp/http-echo'], '/http-echo', httpEcho),
  single(['docker.io/traefik/whoami', 'docker.io/containous/whoami'], '/whoami', whoami),
  { ...single(['gcr.io/google-samples/hello-app', 'us-docker.pkg.dev/google-samples/containers/gke/hello-app'], '/hello-app', helloApp), tags: /^[12]\.0$/ },
  single(['registry.k8s.io/pause', 'docker.io/rancher/mirrored-pause', 'public.ecr.aws/eks-distro/kubernetes/pause'], '/pause', pause),
];

/** Images with a shell besides their program. */
const withShell: ImageDefinition[] = [
  { ...single(['registry.k8s.io/e2e-test-images/agnhost', 'gcr.io/kubernetes-e2e-test-images/agnhost'], '/agnhost', agnhost), command: ['pause'], tools: 'busybox' },
  { ...single(['docker.io/nginxdemos/hello', 'docker.io/nginxdemos/nginx-hello'], '/hello', helloPage), tools: 'busybox' },
  {
    ...single(['registry.k8s.io/echoserver', 'registry.k8s.io/e2e-test-images/echoserver', 'gcr.io/kubernetes-e2e-test-images/echoserver'], '/run.sh', echoserver),
    tools: 'busybox',
  },
  { ...single(['docker.io/kicbase/echo-server', 'docker.io/jmalloc/echo-server'], '/bin/echo-server', echoServer), tools: 'busybox' },
  {
    ...single(['gcr.io/google-samples/kubernetes-bootcamp', 'docker.io/jocatalin/kubernetes-bootcamp', 'docker.io/guybarrette/kubernetes-bootcamp'], '/app/server', bootcamp),
    tags: /^(?:v[12]|latest)$/,
    tools: 'debian',
  },
  { ...single(['gcr.io/google-samples/node-hello'], '/app/server', nodeHello), tags: /^1\.0$/, tools: 'debian' },
  { ...single(['registry.k8s.io/hpa-example'], '/usr/local/bin/apache2-foreground', hpaExample), tools: 'debian' },
  { ...single(['docker.io/stefanprodan/podinfo', 'ghcr.io/stefanprodan/podinfo'], '/home/app/podinfo', podinfo), tools: 'busybox' },
  { ...single(['docker.io/paulbouwer/hello-kubernetes'], '/app/server', helloKubernetes), tools: 'busybox' },
];

/** What tutorials of Kubernetes run. */
export const demoImages: readonly ImageDefinition[] = [...bare, ...withShell];

function single(names: string[], path: string, program: Program): ImageDefinition {
  return { names, entrypoint: [path], tools: 'none', programs: { [path]: program } };
}
