import type { KubeletStreams } from '../../../kube/kubelet-api.ts';
import type { ApiUpgradeBody, UpgradeSession } from '../../../kube/request.ts';
import { badRequest, type Status } from '../../../kube/status.ts';
import type { Call } from '../core.ts';
import { parseBool } from '../request-info.ts';
import { type Result, statusOf, successStatus } from '../result.ts';
import { type PodTarget, podOf, podTarget } from './pod-target.ts';

/** pods/NAME/exec: a command in a container. */
export async function podExec(call: Call): Promise<Result> {
  const command = call.query.getAll('command');
  if (command.length === 0) throw badRequest('you must specify at least 1 command for the container');
  const target = await running(call, 'exec');
  return remoteCommand(call, ({ kubelet, pod, container }, streams) => kubelet.exec(pod, container, command, streams), target);
}

/** pods/NAME/attach: the container's own input and output. */
export async function podAttach(call: Call): Promise<Result> {
  const target = await running(call, 'attach');
  return remoteCommand(call, ({ kubelet, pod, container }, streams) => kubelet.attach(pod, container, streams), target);
}

async function running(call: Call, endpoint: string): Promise<PodTarget> {
  const pod = await podOf(call);
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed')
    throw badRequest(`cannot ${endpoint} ${endpoint === 'exec' ? 'in' : 'to'} a container in a completed pod; current phase is ${phase}`);
  return podTarget(call, pod, endpoint);
}

function remoteCommand({ query }: Call, run: (target: PodTarget, streams: KubeletStreams) => Promise<number>, target: PodTarget): Result {
  const wants = (name: string) => parseBool(query.get(name));
  if (!wants('stdin') && !wants('stdout') && !wants('stderr')) throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  const body: ApiUpgradeBody = {
    type: 'upgrade',
    protocol: 'remoteCommand',
    async serve(session) {
      const streams = streamsOf(session, wants);
      const status = await run(target, streams).then(exitStatus, failureStatus);
      session.close(status);
    },
  };
  return { type: 'response', response: { status: 101, body } };
}

function streamsOf(session: UpgradeSession, wants: (name: string) => boolean): KubeletStreams {
  const drop = () => {};
  const streams: KubeletStreams = {
    stdout: wants('stdout') ? session.stdout : drop,
    stderr: wants('stderr') ? session.stderr : drop,
    onResize: session.onResize,
    tty: wants('tty'),
    signal: session.signal,
  };
  if (wants('stdin')) streams.stdin = session.stdin;
  return streams;
}

function exitStatus(code: number): Status {
  if (code === 0) return successStatus();
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: command terminated with exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
    code: 500,
  };
}

function failureStatus(error: unknown): Status {
  const status = statusOf(error);
  return { ...status, message: status.message ?? 'error executing command in container' };
}
