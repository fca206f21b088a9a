/** What an event in the queue says: instances that will end, and whom Auto Scaling waits for. */
export interface InterruptionEvent {
  instanceIds: string[];
  reason: string;
  message: string;
  /** Auto Scaling ends the instance when it is told that this is done. */
  lifecycleAction?: LifecycleAction;
}

export interface LifecycleAction {
  AutoScalingGroupName: string;
  LifecycleHookName: string;
  LifecycleActionToken: string;
}

interface EventBridgeEvent {
  source: string;
  'detail-type': string;
  time?: string;
  detail: Record<string, unknown>;
}

/** States from which an instance does not come back by itself. */
const endingStates = new Set(['stopping', 'stopped', 'shutting-down', 'terminated']);

/** By source and kind of event; undefined: it is about no end of an instance. Each throws when a field is missing. */
const readers: Readonly<Record<string, (event: EventBridgeEvent) => InterruptionEvent | undefined>> = {
  'aws.ec2/EC2 Spot Instance Interruption Warning': (event) => ofInstance(event, 'SpotInterruption', 'Spot interruption notice received'),
  'aws.ec2/EC2 Instance Rebalance Recommendation': (event) => ofInstance(event, 'RebalanceRecommendation', 'Rebalance recommendation received'),
  'aws.ec2/EC2 Instance State-change Notification': (event) => {
    const state = text(event.detail, 'state').toLowerCase();
    return endingStates.has(state) ? ofInstance(event, 'StateChange', `The instance went into ${state}`) : undefined;
  },
  'aws.autoscaling/EC2 Instance-terminate Lifecycle Action': lifecycleEvent,
  'aws.health/AWS Health Event': scheduledChange,
};

/** Throws an Error that says what is wrong with the text. Undefined: nothing is to be done about it. */
export function readInterruptionEvent(body: string): InterruptionEvent | undefined {
  const event = JSON.parse(body) as EventBridgeEvent;
  if (typeof event?.detail !== 'object' || event.detail === null) throw new Error('it is no event of EventBridge');
  const kind = `${event.source}/${event['detail-type']}`;
  const read = readers[kind];
  if (!read) throw new Error(`events of the kind ${kind} are not known`);
  return read(event);
}

function ofInstance(event: EventBridgeEvent, reason: string, what: string): InterruptionEvent {
  const id = text(event.detail, 'instance-id');
  return { instanceIds: [id], reason, message: `${what}: ${id}${at(event)}` };
}

function lifecycleEvent(event: EventBridgeEvent): InterruptionEvent | undefined {
  const { detail } = event;
  const test = 'autoscaling:TEST_NOTIFICATION';
  if (detail.Event === test || detail.LifecycleTransition === test) return undefined;
  const id = text(detail, 'EC2InstanceId');
  const [AutoScalingGroupName, LifecycleHookName, LifecycleActionToken] = [
    text(detail, 'AutoScalingGroupName'),
    text(detail, 'LifecycleHookName'),
    text(detail, 'LifecycleActionToken'),
  ];
  return {
    instanceIds: [id],
    reason: 'ASGLifecycle',
    message: `The Auto Scaling group ${AutoScalingGroupName} ends ${id}${at(event)}`,
    lifecycleAction: { AutoScalingGroupName, LifecycleHookName, LifecycleActionToken },
  };
}

function scheduledChange(event: EventBridgeEvent): InterruptionEvent | undefined {
  const { service, eventTypeCategory, affectedEntities } = event.detail;
  if (service !== 'EC2' || eventTypeCategory !== 'scheduledChange') return undefined;
  if (!Array.isArray(affectedEntities)) throw new Error('affectedEntities is missing');
  const instanceIds = affectedEntities.map((entity: Record<string, unknown>) => text(entity, 'entityValue'));
  return { instanceIds, reason: 'ScheduledEvent', message: `AWS has a change of ${instanceIds.join(', ')} scheduled${at(event)}` };
}

function at({ time }: EventBridgeEvent): string {
  return time === undefined ? '' : ` (${time})`;
}

function text(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw new Error(`${name} is missing`);
  return value;
}
