import { component } from '../programs/component.ts';
import { genericServer } from '../programs/generic-server.ts';
import { dataImages } from './data-images.ts';
import { demoImages } from './demo-images.ts';
import type { ImageDefinition } from './image-definition.ts';
import { toolImages } from './tool-images.ts';
import { webServers } from './web-images.ts';

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
  ...demoImages,
  ...toolImages,
  ...dataImages,
  components,
  { names: ['*'], entrypoint: ['server'], tools: 'busybox', anyCommand: genericServer },
];
