import { badRequest, invalid, type StatusCause } from '../../../kube/status.ts';

const exact = 'Exact';
const notOlderThan = 'NotOlderThan';

/** Kubernetes' rules for which options of a list go together. Throws StatusError Invalid or BadRequest. */
export function checkListOptions(query: URLSearchParams): void {
  const version = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const token = query.get('continue') ?? '';
  const causes: Required<StatusCause>[] = [];
  if (query.has('sendInitialEvents')) causes.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  if (match !== '') {
    if (version === '') causes.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if (token !== '') causes.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
    if (match !== exact && match !== notOlderThan) causes.push(unsupported(match, [exact, notOlderThan, '']));
    if (match === exact && version === '0') causes.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  refuse(causes);
  if (token !== '' && version !== '' && version !== '0') throw badRequest('specifying resource version is not allowed when using continue');
}

/** The same for a watch. */
export function checkWatchOptions(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const causes: Required<StatusCause>[] = [];
  const initial = query.has('sendInitialEvents');
  if (initial && match !== notOlderThan) causes.push(forbiddenField('resourceVersionMatch', `sendInitialEvents requires setting resourceVersionMatch to ${notOlderThan}`));
  if (match !== '') {
    if (!initial) causes.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
    if (match !== notOlderThan) causes.push(unsupported(match, [notOlderThan]));
    if (query.get('continue')) causes.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
  }
  refuse(causes);
}

function refuse(causes: Required<StatusCause>[]): void {
  if (causes.length > 0) throw invalid('meta.k8s.io', 'ListOptions', '', causes);
}

function forbiddenField(field: string, why: string): Required<StatusCause> {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` };
}

function unsupported(value: string, supported: readonly string[]): Required<StatusCause> {
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`;
  return { reason: 'FieldValueNotSupported', field: 'resourceVersionMatch', message };
}
