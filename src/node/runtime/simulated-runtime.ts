import type { Fabric } from '../../fabric/fabric.ts';
import type { Environment } from '../../lib/environment.ts';
import { hex } from '../../lib/random.ts';
import { SimulatedContainer } from './container/container.ts';
import { execInContainer } from './container/exec.ts';
import { createMachine } from './container/machine.ts';
import { PodNetwork, type Resolve } from './container/pod-network.ts';
import type { Hardware } from './container/process.ts';
import { builtInImages } from './images/built-in-images.ts';
import type { ImageDefinition } from './images/image-definition.ts';
import { ImageStore } from './images/image-store.ts';
import {
  type ContainerConfig,
  ContainerError,
  type ExecStreams,
  type LogLine,
  type LogOptions,
  type PulledImage,
  type Runtime,
  type RuntimeContainer,
  type Sandbox,
  type SandboxConfig,
} from './runtime.ts';

export interface SimulatedRuntimeOptions {
  environment: Environment;
  fabric: Fabric;
  nodeName: string;
  nodeIp: string;
  /** The cluster's DNS as a pod of that namespace sees it; empty when the name does not exist. */
  resolve: Resolve;
  /** Looked up before the built-in images. */
  images?: readonly ImageDefinition[];
  /** What /etc/resolv.conf says; default 10.96.0.10 and cluster.local. */
  nameserver?: string;
  clusterDomain?: string;
  /** What programs are told of the node; default 2 CPUs and 4 GiB. */
  hardware?: Hardware;
}

const usualHardware: Hardware = { cpus: 2, memoryBytes: 4 * 1024 ** 3 };

type RuntimeEvent = Parameters<Parameters<Runtime['onEvent']>[0]>[0];

interface SandboxRecord {
  info: Sandbox;
  network: PodNetwork;
  containers: Map<string, SimulatedContainer>;
}

/** A runtime whose programs are code of this package: they listen, log and exit inside the process and never touch the machine. */
export function createSimulatedRuntime(options: SimulatedRuntimeOptions): Runtime {
  return new SimulatedRuntime(options);
}

class SimulatedRuntime implements Runtime {
  readonly name = 'simulated';
  readonly version = '1.0.0';
  private readonly options: SimulatedRuntimeOptions;
  private readonly images: ImageStore;
  private readonly sandboxes = new Map<string, SandboxRecord>();
  private readonly containers = new Map<string, SimulatedContainer>();
  private readonly callbacks = new Set<(event: RuntimeEvent) => void>();

  constructor(options: SimulatedRuntimeOptions) {
    this.options = options;
    this.images = new ImageStore(options.environment, [...(options.images ?? []), ...builtInImages]);
  }

  async runSandbox(config: SandboxConfig): Promise<Sandbox> {
    const { environment, fabric, resolve, nodeName, nodeIp } = this.options;
    const ip = config.hostNetwork ? nodeIp : config.ip;
    const source = { type: 'pod' as const, namespace: config.namespace, name: config.name, ip, node: nodeName };
    const network = new PodNetwork({ fabric, resolve, source, hostname: config.hostname });
    const info: Sandbox = { ...config, ip, id: hex(environment.random, 64), state: 'ready', createdAt: environment.clock.now() };
    this.sandboxes.set(info.id, { info, network, containers: new Map() });
    return { ...info };
  }

  async stopSandbox(sandboxId: string): Promise<void> {
    const sandbox = this.sandboxes.get(sandboxId);
    if (!sandbox || sandbox.info.state === 'notReady') return;
    sandbox.info.state = 'notReady';
    await Promise.all([...sandbox.containers.values()].map((container) => container.stop(0)));
    await sandbox.network.close();
  }

  async removeSandbox(sandboxId: string): Promise<void> {
    const sandbox = this.sandboxes.get(sandboxId);
    if (!sandbox) return;
    await this.stopSandbox(sandboxId);
    for (const id of [...sandbox.containers.keys()]) await this.removeContainer(id);
    this.sandboxes.delete(sandboxId);
  }

  async listSandboxes(): Promise<Sandbox[]> {
    return [...this.sandboxes.values()].map(({ info }) => ({ ...info }));
  }

  pullImage(image: string, options: { signal: AbortSignal }): Promise<PulledImage> {
    return this.images.pull(image, options.signal);
  }

  async imagePresent(image: string): Promise<PulledImage | undefined> {
    return this.images.present(image);
  }

  async listImages(): Promise<PulledImage[]> {
    return this.images.list();
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const sandbox = this.sandboxes.get(sandboxId);
    if (!sandbox) throw new ContainerError('NotFound', `failed to find sandbox id ${JSON.stringify(sandboxId)}: not found`);
    if (sandbox.info.state !== 'ready') throw new ContainerError('NotRunning', `sandbox container ${JSON.stringify(sandboxId)} is not running`);
    const taken = [...sandbox.containers.values()].find(({ status }) => status.name === config.name && status.attempt === config.attempt);
    if (taken) return taken.status.id;
    const image = this.images.use(config.image);
    if (!image) throw new ContainerError('ImageNotPresent', `failed to resolve image ${JSON.stringify(config.image)}: not found`);
    const { environment, nodeName, nameserver = '10.96.0.10', clusterDomain = 'cluster.local', hardware = usualHardware } = this.options;
    const id = hex(environment.random, 64);
    const made = createMachine({ environment, network: sandbox.network, sandbox: sandbox.info, nodeName, nameserver, clusterDomain, hardware, config, ...image });
    const onExit = () => this.emit({ type: 'stopped', sandboxId, containerId: id });
    const container = new SimulatedContainer({ id, sandboxId, imageId: image.pulled.id, config, definition: image.definition, clock: environment.clock, onExit, ...made });
    this.containers.set(id, container);
    sandbox.containers.set(id, container);
    return id;
  }

  async startContainer(containerId: string): Promise<void> {
    const container = this.container(containerId);
    if (container.status.state !== 'created') return;
    container.start();
    this.emit({ type: 'started', sandboxId: container.status.sandboxId, containerId });
  }

  async stopContainer(containerId: string, gracePeriodSeconds: number): Promise<void> {
    await this.containers.get(containerId)?.stop(gracePeriodSeconds);
  }

  async removeContainer(containerId: string): Promise<void> {
    const container = this.containers.get(containerId);
    if (!container) return;
    await container.stop(0);
    container.log.end();
    this.containers.delete(containerId);
    this.sandboxes.get(container.status.sandboxId)?.containers.delete(containerId);
    this.emit({ type: 'removed', sandboxId: container.status.sandboxId, containerId });
  }

  async containerStatus(containerId: string): Promise<RuntimeContainer> {
    return { ...this.container(containerId).status };
  }

  async listContainers(): Promise<RuntimeContainer[]> {
    return [...this.containers.values()].map(({ status }) => ({ ...status }));
  }

  onEvent(callback: (event: RuntimeEvent) => void): () => void {
    this.callbacks.add(callback);
    return () => this.callbacks.delete(callback);
  }

  async exec(containerId: string, command: string[], streams: ExecStreams): Promise<number> {
    return execInContainer(this.container(containerId), hex(this.options.environment.random, 64), command, streams);
  }

  attach(containerId: string, streams: ExecStreams): Promise<void> {
    return this.container(containerId).attach(streams);
  }

  logs(containerId: string, options: LogOptions): AsyncIterable<LogLine> {
    return this.container(containerId).log.read(options);
  }

  private container(id: string): SimulatedContainer {
    const container = this.containers.get(id);
    if (!container) throw new ContainerError('NotFound', `an error occurred when try to find container ${JSON.stringify(id)}: not found`);
    return container;
  }

  /** In a turn of its own: whoever is told may call back at once. */
  private emit(event: RuntimeEvent): void {
    queueMicrotask(() => {
      for (const callback of [...this.callbacks]) callback(event);
    });
  }
}
