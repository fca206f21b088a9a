import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createControllers } from '../../providers/aws/controllers.ts';
import type { AwsContext } from '../../providers/aws/model/context.ts';
import { cloudControllerStatements } from '../../providers/aws/model/controller-policy.ts';
import type { CloudControllers } from '../../src/cloud/controllers.ts';
import { isCloudError } from '../../src/cloud/errors.ts';
import type { Service } from '../../src/kube/objects.ts';
import { AwsPlace, nodeOf, serviceOf } from './aws-place.ts';
import { motoMissing, startMoto } from './moto.ts';

const prefix = 'service.beta.kubernetes.io/aws-load-balancer-';

describe.skipIf(motoMissing !== '')(`cloud controllers on AWS${motoMissing}`, () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let place: AwsPlace;
  let controllers: CloudControllers;
  let clusters = 0;
  const allCalls = new Set<string>();

  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto?.stop());
  beforeEach(async () => {
    place = new AwsPlace(`c${++clusters}.example.com`, moto.endpoint);
    await place.open();
    controllers = createControllers(place.aws, new AbortController().signal);
  });

  afterEach(() => {
    for (const call of place.calls) allCalls.add(call);
  });

  const ensure = (service: Service, nodes: Parameters<CloudControllers['loadBalancers']['ensure']>[2]) => controllers.loadBalancers.ensure(place.cluster, service, nodes);

  /** Everything the controllers made, as a person would see it: ids left out. */
  async function seen(service: Service) {
    const [elb, ec2] = [await place.aws.service('elbv2'), await place.aws.service('ec2')];
    const name = `a${service.metadata.uid?.replaceAll('-', '')}`.slice(0, 32);
    const balancers = (await elb.describeLoadBalancers({})).LoadBalancers?.filter((each) => each.LoadBalancerName === name) ?? [];
    const groups = (await elb.describeTargetGroups({})).TargetGroups?.filter((each) => each.VpcId === place.vpcId) ?? [];
    const targets = await Promise.all(
      groups.map(async ({ TargetGroupArn, Port, Protocol }) => {
        const health = (await elb.describeTargetHealth({ TargetGroupArn })).TargetHealthDescriptions ?? [];
        return `${Protocol} ${Port}: ${health
          .filter((each) => each.TargetHealth?.State !== 'draining')
          .map((each) => each.Target?.Id)
          .sort()
          .join(' ')}`;
      }),
    );
    const listeners = (await Promise.all(balancers.map(async ({ LoadBalancerArn }) => (await elb.describeListeners({ LoadBalancerArn })).Listeners ?? []))).flat();
    const securityGroups = (await ec2.describeSecurityGroups({ Filters: [{ Name: 'vpc-id', Values: [place.vpcId] }] })).SecurityGroups ?? [];
    const own = securityGroups.filter((each) => each.GroupName === `k8s-elb-${name}`);
    const nodeRules = securityGroups.find((each) => each.GroupId === place.nodeGroupId)?.IpPermissions ?? [];
    return {
      balancers: balancers.map((each) => `${each.Scheme} ${each.Type} in ${each.AvailabilityZones?.map((zone) => zone.ZoneName).join(' ')}`),
      listeners: listeners.map((each) => `${each.Protocol} ${each.Port}`).sort(),
      targets: targets.sort(),
      groups: own.map((each) => (each.IpPermissions ?? []).flatMap((rule) => (rule.IpRanges ?? []).map((range) => `${rule.IpProtocol} ${rule.FromPort} ${range.CidrIp}`)).sort()),
      nodeRules: nodeRules
        .flatMap((rule) => (rule.UserIdGroupPairs ?? []).map((pair) => `${rule.IpProtocol} ${rule.FromPort} ${pair.GroupId === own[0]?.GroupId ? 'balancer' : 'other'}`))
        .sort(),
    };
  }

  const nothing = { balancers: [], listeners: [], targets: [], groups: [], nodeRules: [] };

  it('gives a Service a network load balancer, follows its ports and nodes in place, and leaves nothing', async () => {
    const [a, b, c] = await place.launch(3);
    const nodes = [a!, b!].map((instance) => nodeOf(instance));
    const first = await ensure(serviceOf('web'), nodes);
    expect(first.ingress[0]?.hostname).toMatch(/\.elb\./);
    const ids = [a?.InstanceId, b?.InstanceId].sort().join(' ');
    expect(await seen(serviceOf('web'))).toEqual({
      balancers: ['internet-facing network in us-east-1a us-east-1b'],
      listeners: ['TCP 80'],
      targets: [`TCP 30080: ${ids}`],
      groups: [['icmp 3 0.0.0.0/0', 'tcp 80 0.0.0.0/0']],
      nodeRules: ['tcp 30080 balancer'],
    });

    const ports = [
      { name: 'http', port: 8080, nodePort: 30080 },
      { name: 'dns', port: 53, protocol: 'UDP' as const, nodePort: 30053 },
    ];
    const changed = serviceOf('web', { ports, loadBalancerSourceRanges: ['10.0.0.0/8'] });
    expect(await ensure(changed, nodes)).toEqual(first);
    expect(await controllers.loadBalancers.get(place.cluster, changed)).toEqual(first);
    await controllers.loadBalancers.update(place.cluster, changed, [nodeOf(b!, 'name'), nodeOf(c!)]);
    const others = [b?.InstanceId, c?.InstanceId].sort().join(' ');
    expect(await seen(changed)).toEqual({
      balancers: ['internet-facing network in us-east-1a us-east-1b'],
      listeners: ['TCP 8080', 'UDP 53'],
      targets: [`TCP 30080: ${others}`, `UDP 30053: ${others}`],
      groups: [['icmp 3 10.0.0.0/8', 'tcp 8080 10.0.0.0/8', 'udp 53 10.0.0.0/8']],
      nodeRules: ['tcp 10250 balancer', 'tcp 30080 balancer', 'udp 30053 balancer'],
    });

    await controllers.loadBalancers.delete(place.cluster, changed);
    await controllers.loadBalancers.delete(place.cluster, changed);
    expect(await controllers.loadBalancers.get(place.cluster, changed)).toBeUndefined();
    expect(await seen(changed)).toEqual(nothing);
  });

  it('makes another load balancer when the scheme changes, in the subnets for it', async () => {
    const [a] = await place.launch(1);
    await ensure(serviceOf('scheme'), [nodeOf(a!)]);
    const internal = serviceOf('scheme', {}, { [`${prefix}scheme`]: 'internal' });
    await ensure(internal, [nodeOf(a!)]);
    expect(await seen(internal)).toMatchObject({ balancers: ['internal network in us-east-1a us-east-1b'], listeners: ['TCP 80'] });
    const elb = await place.aws.service('elbv2');
    const subnets = (await elb.describeLoadBalancers({})).LoadBalancers?.flatMap((each) =>
      each.VpcId === place.vpcId ? (each.AvailabilityZones ?? []).map((zone) => zone.SubnetId) : [],
    );
    expect(subnets?.sort()).toEqual([place.subnetIds[1], place.subnetIds[3]].sort());
    await controllers.loadBalancers.delete(place.cluster, internal);
    expect(await seen(internal)).toEqual(nothing);
  });

  it('does nothing the second time', async () => {
    const [a] = await place.launch(1);
    const service = serviceOf('again', { externalTrafficPolicy: 'Local', healthCheckNodePort: 32000 }, { [`${prefix}cross-zone-load-balancing-enabled`]: 'true' });
    await ensure(service, [nodeOf(a!)]);
    place.calls.length = 0;
    await ensure(service, [nodeOf(a!)]);
    expect(place.calls.filter((call) => !call.startsWith('Describe'))).toEqual([]);
    await controllers.loadBalancers.delete(place.cluster, service);
  });

  it('leaves alone what carries the name but belongs to somebody else', async () => {
    const service = serviceOf('taken');
    const elb = await place.aws.service('elbv2');
    await elb.createLoadBalancer({ Name: `a${service.metadata.uid?.replaceAll('-', '')}`.slice(0, 32), Type: 'network', Subnets: [place.subnetIds[0]!] });
    await expect(ensure(service, [])).rejects.toThrow(/belongs to somebody else/);
    await expect(controllers.loadBalancers.delete(place.cluster, service)).rejects.toThrow(/belongs to somebody else/);
  });

  it('says what is missing when no subnet has the role', async () => {
    const ec2 = await place.aws.service('ec2');
    await ec2.deleteTags({ Resources: place.subnetIds, Tags: [{ Key: 'kubernetes.io/role/elb' }] });
    await expect(ensure(serviceOf('nowhere'), [])).rejects.toThrow(/no subnet of cluster .* has the tag kubernetes.io\/role\/elb/);
    const named = serviceOf('nowhere', {}, { [`${prefix}subnets`]: 'elb-us-east-1a' });
    await ensure(named, []);
    expect(await seen(named)).toMatchObject({ balancers: ['internet-facing network in us-east-1a'] });
    await controllers.loadBalancers.delete(place.cluster, named);
    expect(await seen(named)).toEqual(nothing);
  });

  it.each(['refused before', 'lost after'])('converges whichever call is %s it is made, and leaves nothing wherever it is cut off', async (how) => {
    const [a] = await place.launch(1);
    const service = serviceOf('fault', { ports: [{ port: 53, protocol: 'UDP', nodePort: 30053 }] });
    const whole = { balancers: 1, listeners: 1, targets: 1, groups: 1 };
    for (let nth = 1; ; nth++) {
      let writes = 0;
      const fail = (command: string) => {
        if (!command.startsWith('Describe') && ++writes === nth)
          throw Object.assign(new Error('reset'), {
            name: how === 'lost after' ? 'ECONNRESET' : 'InternalError',
            $metadata: { httpStatusCode: how === 'lost after' ? undefined : 500 },
          });
      };
      if (how === 'lost after') place.after = fail;
      else place.before = fail;
      const failed = await ensure(service, [nodeOf(a!)]).then(
        () => undefined,
        (error: unknown) => error,
      );
      place.after = () => {};
      place.before = () => {};
      if (writes < nth) break;
      if (failed) expect(isCloudError(failed), String(failed)).toBe(true);
      if (nth % 2 === 0) {
        await ensure(service, [nodeOf(a!)]);
        const now = await seen(service);
        expect({ balancers: now.balancers.length, listeners: now.listeners.length, targets: now.targets.length, groups: now.groups.length }, `after call ${nth}`).toEqual(whole);
      }
      await controllers.loadBalancers.delete(place.cluster, service);
      expect(await seen(service), `after call ${nth}`).toEqual(nothing);
    }
    await controllers.loadBalancers.delete(place.cluster, service);
  });

  it('answers for many nodes with one call, and notices what changed since', async () => {
    const instances = await place.launch(6);
    place.calls.length = 0;
    const nodes = instances.map((instance) => nodeOf(instance));
    for (const node of nodes) await controllers.instances.metadata(place.cluster, node);
    expect(await Promise.all(nodes.map((node) => controllers.instances.shutDown(place.cluster, node)))).toEqual(nodes.map(() => false));
    expect(place.calls).toEqual(['DescribeInstances']);

    const [gone, stopped, running] = instances;
    expect(await controllers.instances.exists(place.cluster, nodeOf(gone!, 'name'))).toBe(true);
    await place.terminate(gone!);
    await (await place.aws.service('ec2')).stopInstances({ InstanceIds: [stopped?.InstanceId ?? ''] });
    expect(await controllers.instances.exists(place.cluster, nodeOf(gone!, 'name'))).toBe(false);
    expect(await controllers.instances.shutDown(place.cluster, nodeOf(stopped!))).toBe(true);
    expect(await controllers.instances.metadata(place.cluster, nodeOf(running!, 'name'))).toMatchObject({
      providerId: `aws:///us-east-1a/${running?.InstanceId}`,
      instanceType: 't3.medium',
      zone: 'us-east-1a',
      region: 'us-east-1',
    });
    expect((await controllers.instances.metadata(place.cluster, nodeOf(running!))).addresses).toContainEqual({ type: 'InternalIP', address: running?.PrivateIpAddress });
    await expect(controllers.instances.metadata(place.cluster, nodeOf(gone!))).rejects.toThrow(/no instance belongs to node/);
  });

  it('routes pod addresses to instances in every table, and takes the routes back', async () => {
    const [a, b] = await place.launch(2);
    const { routes } = controllers;
    await routes?.create(place.cluster, a?.PrivateDnsName ?? '', '100.96.1.0/24');
    await routes?.create(place.cluster, a?.PrivateDnsName ?? '', '100.96.1.0/24');
    expect(await routes?.list(place.cluster)).toEqual([{ name: `100.96.1.0/24 ${a?.InstanceId}`, targetNode: a?.PrivateDnsName, destinationCidr: '100.96.1.0/24' }]);
    const ec2 = await place.aws.service('ec2');
    const check = await ec2.describeInstanceAttribute({ InstanceId: a?.InstanceId, Attribute: 'sourceDestCheck' });
    expect(check.SourceDestCheck?.Value).toBe(false);

    await routes?.create(place.cluster, b?.PrivateDnsName ?? '', '100.96.1.0/24');
    await routes?.delete(place.cluster, `100.96.1.0/24 ${a?.InstanceId}`);
    expect((await routes?.list(place.cluster))?.map(({ targetNode }) => targetNode)).toEqual([b?.PrivateDnsName]);
    await ec2.deleteRoute({ RouteTableId: place.routeTableIds[0], DestinationCidrBlock: '100.96.1.0/24' });
    expect(await routes?.list(place.cluster)).toEqual([]);
    await routes?.create(place.cluster, b?.PrivateDnsName ?? '', '100.96.1.0/24');
    await routes?.delete(place.cluster, `100.96.1.0/24 ${b?.InstanceId}`);
    expect(await routes?.list(place.cluster)).toEqual([]);
  });

  it('need no more than a control plane may do', () => {
    const { name, region, facts } = { name: 'demo.example.com', region: 'us-east-1', facts: {} };
    const allowed = cloudControllerStatements({ name, region, facts } as AwsContext).flatMap(({ actions }) => actions.map((action) => action.split(':')[1]));
    const byHand = /^(CreateVpc|CreateSubnet|CreateRouteTable|RunInstances|TerminateInstances|StopInstances|DescribeInstanceAttribute|DeleteTags)$/;
    expect([...allCalls].filter((call) => !byHand.test(call) && !allowed.includes(call))).toEqual([]);
    expect(allCalls.size).toBeGreaterThan(25);
  });
});
