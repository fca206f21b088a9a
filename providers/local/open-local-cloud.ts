import type { MachineType } from '../../src/cloud/catalog.ts';
import type { CloudControllers } from '../../src/cloud/controllers.ts';
import type { Fabric } from '../../src/fabric/fabric.ts';
import type { Disk } from '../../src/lib/disk.ts';
import type { Environment } from '../../src/lib/environment.ts';
import { localCatalog, regionOf } from './catalog.ts';
import type { ClaimBlock } from './cloud/block-claims.ts';
import { Identities, identityKey } from './cloud/identity.ts';
import { InstanceServices } from './cloud/instance-services.ts';
import { type CloudSettings, LocalCloud } from './cloud/local-cloud.ts';
import { createControllers } from './controllers.ts';
import { type BootNode, SharedMachineRoom } from './machine/shared.ts';

export interface OpenLocalCloudOptions {
  environment: Environment;
  /** Disks below the home's `local` folder: `cloud`, `instances/<id>`, `volumes/<id>`. */
  openDisk(path: string): Disk;
  removeDisk(path: string): Promise<void>;
  createFabric(environment: Environment, blocks: readonly string[]): Fabric;
  bootNode: BootNode;
  claimBlock?: ClaimBlock;
  settings?: Partial<CloudSettings>;
  machineTypes?: ReadonlyMap<string, MachineType>;
}

export interface OpenedLocalCloud {
  cloud: LocalCloud;
  room: SharedMachineRoom;
  /** As the software on the instances gets them: with word of terminations. */
  controllers: CloudControllers;
  services: InstanceServices;
}

/** The cloud and its machines in this process, as they were. Nothing runs before `cloud.resume()`. */
export async function openLocalCloud(options: OpenLocalCloudOptions): Promise<OpenedLocalCloud> {
  const { environment, openDisk, removeDisk, createFabric, bootNode, claimBlock, settings } = options;
  const disk = openDisk('cloud');
  const room = new SharedMachineRoom({
    environment,
    bootNode,
    createFabric,
    machineTypes: options.machineTypes ?? localCatalog.machineTypes,
    openDisk,
    removeDisk,
    services: () => ({ instances: services, controllers }),
  });
  const cloud = await LocalCloud.open({
    environment,
    disk,
    room,
    regionOf: (zone) => regionOf(zone) ?? zone,
    ...(claimBlock ? { claimBlock } : {}),
    ...(settings ? { settings } : {}),
  });
  const services = new InstanceServices(cloud.ledger, new Identities(await identityKey(disk, environment), cloud.ledger, environment));
  const controllers = createControllers(cloud, (callback) => cloud.fleet.onChange((instance) => callback(instance.nodeName)));
  return { cloud, room, controllers, services };
}
