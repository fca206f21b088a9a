import type { CreateListenerCommandInput, Listener } from '@aws-sdk/client-elastic-load-balancing-v2';
import { isCloudError } from '../../../src/cloud/errors.ts';
import { allPages } from '../api/parallel.ts';
import { toTagList } from '../api/tag-list.ts';
import { allDone } from './adopt.ts';
import type { PortWish } from './port-wish.ts';
import type { BalancerScope } from './scope.ts';

/** One listener a port, each forwarding to its target group; listeners of other ports go. `targetGroups`: ARNs by name. */
export async function syncListeners(
  scope: BalancerScope,
  LoadBalancerArn: string,
  ports: readonly PortWish[],
  targetGroups: ReadonlyMap<string, string>,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const { aws } = scope;
  const elb = await aws.service('elbv2');
  const listeners = await describeListeners(scope, LoadBalancerArn);
  const gone = listeners.filter((listener) => !ports.some(({ port }) => port === listener.Port));
  await allDone(gone.map(({ ListenerArn }) => elb.deleteListener({ ListenerArn })));
  await allDone(
    ports.map(async (wish) => {
      const input = listenerInput(wish, targetGroups.get(wish.targetGroup.name) ?? '');
      const there = listeners.find((listener) => listener.Port === wish.port);
      const arn = there ? await change(scope, there, input) : await create(scope, { LoadBalancerArn, ...input, Tags: toTagList(tags) });
      if (wish.protocol === 'TLS') await syncCertificates(scope, arn, wish.certificates);
    }),
  );
}

async function describeListeners({ aws }: BalancerScope, LoadBalancerArn: string): Promise<Listener[]> {
  const elb = await aws.service('elbv2');
  return allPages(async (Marker) => {
    const page = await elb.describeListeners({ LoadBalancerArn, Marker });
    return { items: page.Listeners, next: page.NextMarker };
  });
}

function listenerInput({ port, protocol, certificates, sslPolicy, alpnPolicy }: PortWish, TargetGroupArn: string) {
  return {
    Port: port,
    Protocol: protocol,
    DefaultActions: [{ Type: 'forward' as const, TargetGroupArn }],
    ...(protocol === 'TLS'
      ? {
          Certificates: [{ CertificateArn: certificates[0] ?? '' }],
          ...(sslPolicy === undefined ? {} : { SslPolicy: sslPolicy }),
          ...(alpnPolicy === undefined ? {} : { AlpnPolicy: [alpnPolicy] }),
        }
      : {}),
  };
}

type ListenerInput = ReturnType<typeof listenerInput>;

/** A create that lost its answer, or lost a race, is a change of what is there now. */
async function create(scope: BalancerScope, input: CreateListenerCommandInput & ListenerInput): Promise<string> {
  try {
    return (await (await scope.aws.once('elbv2')).createListener(input)).Listeners?.[0]?.ListenerArn ?? '';
  } catch (error) {
    const there = isCloudError(error, 'ambiguous', 'alreadyExists')
      ? (await describeListeners(scope, input.LoadBalancerArn ?? '')).find(({ Port }) => Port === input.Port)
      : undefined;
    if (!there) throw error;
    return there.ListenerArn ?? '';
  }
}

async function change({ aws }: BalancerScope, listener: Listener, input: ListenerInput): Promise<string> {
  const { ListenerArn = '' } = listener;
  const same =
    listener.Protocol === input.Protocol &&
    listener.DefaultActions?.[0]?.TargetGroupArn === input.DefaultActions[0]?.TargetGroupArn &&
    listener.Certificates?.[0]?.CertificateArn === input.Certificates?.[0]?.CertificateArn &&
    (input.SslPolicy === undefined || listener.SslPolicy === input.SslPolicy) &&
    (input.AlpnPolicy === undefined || listener.AlpnPolicy?.[0] === input.AlpnPolicy[0]);
  if (!same) await (await aws.service('elbv2')).modifyListener({ ListenerArn, ...input });
  return ListenerArn;
}

/** The default certificate belongs to the listener itself; others stand beside it. */
async function syncCertificates({ aws }: BalancerScope, ListenerArn: string, [main, ...others]: readonly string[]): Promise<void> {
  const elb = await aws.service('elbv2');
  const actual = ((await elb.describeListenerCertificates({ ListenerArn })).Certificates ?? [])
    .filter((each) => !each.IsDefault && each.CertificateArn !== main)
    .map((each) => each.CertificateArn ?? '');
  const added = others.filter((arn) => !actual.includes(arn));
  const gone = actual.filter((arn) => !others.includes(arn));
  if (added.length > 0) await elb.addListenerCertificates({ ListenerArn, Certificates: added.map((CertificateArn) => ({ CertificateArn })) });
  if (gone.length > 0) await elb.removeListenerCertificates({ ListenerArn, Certificates: gone.map((CertificateArn) => ({ CertificateArn })) });
}
