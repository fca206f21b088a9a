import type { LifecycleHook } from '@aws-sdk/client-auto-scaling';
import type { ActualResource } from '../../../src/cloud/resource.ts';
import { inParallel } from '../api/parallel.ts';
import { fromTagList } from '../api/tag-list.ts';
import { ifThere, soonThere } from './adopt.ts';
import { groupsOf } from './auto-scaling-groups.ts';
import type { AwsKind, WantedResource } from './aws-kind.ts';
import { found, instanceGroupTag, withInstanceGroup } from './ownership.ts';

type HookAttributes = WantedResource<'AutoscalingLifecycleHook'>['attributes'];

export const autoscalingLifecycleHook: AwsKind<'AutoscalingLifecycleHook'> = {
  kind: 'AutoscalingLifecycleHook',

  list: async (inventory) => {
    const autoscaling = await inventory.aws.service('autoscaling');
    const hooks = await inParallel(await groupsOf(inventory), async ({ AutoScalingGroupName, Tags }) => {
      const answer = await ifThere(autoscaling.describeLifecycleHooks({ AutoScalingGroupName }));
      const tags = fromTagList(Tags);
      return (answer?.LifecycleHooks ?? []).map((hook) => {
        const attributes = fromHook(hook);
        return withInstanceGroup(actualHook(hookName(attributes, tags[instanceGroupTag]), attributes), tags);
      });
    });
    return hooks.flat();
  },

  // The same call creates and overwrites.
  create: async (aws, { name, attributes }) => {
    const autoscaling = await aws.service('autoscaling');
    await soonThere(
      autoscaling.putLifecycleHook({
        AutoScalingGroupName: attributes.autoScalingGroupName,
        LifecycleHookName: attributes.lifecycleHookName,
        LifecycleTransition: attributes.lifecycleTransition,
        DefaultResult: attributes.defaultResult,
        HeartbeatTimeout: attributes.heartbeatTimeout,
      }),
    );
    return actualHook(name, attributes);
  },

  update: (aws, _actual, resource, _changes, context) => autoscalingLifecycleHook.create(aws, resource, context),

  delete: async (aws, { attributes }) => {
    const { autoScalingGroupName: AutoScalingGroupName, lifecycleHookName: LifecycleHookName } = attributes as unknown as HookAttributes;
    await ifThere((await aws.service('autoscaling')).deleteLifecycleHook({ AutoScalingGroupName, LifecycleHookName }));
  },

  effect: (changes) => (changes.some((field) => field === 'autoScalingGroupName' || field === 'lifecycleHookName') ? 'replace' : 'update'),
};

/** Unique in the cluster: hooks of several groups may have one name, which then has its instance group behind it. */
function hookName({ lifecycleHookName, autoScalingGroupName }: HookAttributes, instanceGroup: string = autoScalingGroupName): string {
  return lifecycleHookName.startsWith(`${instanceGroup}-`) ? lifecycleHookName : `${lifecycleHookName}-${instanceGroup}`;
}

function fromHook(hook: LifecycleHook): HookAttributes {
  return {
    autoScalingGroupName: hook.AutoScalingGroupName ?? '',
    lifecycleHookName: hook.LifecycleHookName ?? '',
    lifecycleTransition: hook.LifecycleTransition ?? '',
    defaultResult: hook.DefaultResult ?? '',
    heartbeatTimeout: hook.HeartbeatTimeout ?? 0,
  };
}

function actualHook(name: string, attributes: HookAttributes): ActualResource {
  const { autoScalingGroupName, lifecycleHookName } = attributes;
  return found({ kind: 'AutoscalingLifecycleHook', id: `${autoScalingGroupName}/${lifecycleHookName}`, name, attributes: { ...attributes } });
}
