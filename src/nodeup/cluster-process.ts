import type { KubeClient } from '../kube/client.ts';
import { createDirectClient } from '../kube/direct-client.ts';
import type { KubeletClient } from '../kube/kubelet-api.ts';
import type { ApiHandler, ApiResponse, UserInfo } from '../kube/request.ts';
import { StatusError } from '../kube/status.ts';

/** What the nodes of one cluster that run in one process have in common. */
export class ClusterProcess {
  private current: ApiHandler | undefined;
  readonly kubelets = new Map<string, KubeletClient>();

  /** The API server that answers from now on; the returned function ends that. */
  serve(handler: ApiHandler): () => void {
    this.current = handler;
    return () => {
      if (this.current === handler) this.current = undefined;
    };
  }

  /** True while a control plane of the cluster runs in this process. */
  get served(): boolean {
    return this.current !== undefined;
  }

  /** Direct calls to whichever API server answers at that moment; 503 while none does, as behind a load balancer without healthy targets. */
  client(user: UserInfo): KubeClient {
    return createDirectClient((request) => (this.current ?? unavailable)(request), user);
  }
}

const processes = new WeakMap<object, ClusterProcess>();

/** `shared` is the same object for all nodes of a cluster in this process. */
export function clusterProcess(shared: object): ClusterProcess {
  const known = processes.get(shared);
  if (known) return known;
  const made = new ClusterProcess();
  processes.set(shared, made);
  return made;
}

async function unavailable(): Promise<ApiResponse> {
  const { status } = new StatusError('ServiceUnavailable', 'no control plane of the cluster runs');
  const bytes = Buffer.from(JSON.stringify(status));
  return { status: status.code, body: { type: 'bytes', contentType: 'application/json', bytes } };
}
