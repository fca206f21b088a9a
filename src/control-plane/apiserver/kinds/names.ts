/** Kubernetes' name rules. Each returns the messages of what is wrong; empty = fine. */
export type NameRule = (value: string) => string[];

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualifiedPart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);

function regexMessage(message: string, pattern: string, ...examples: string[]): string {
  const list = examples.map((example) => `'${example}'`).join(',  or ');
  return examples.length === 0 ? `${message} (regex used for validation is '${pattern}')` : `${message} (e.g. ${list}, regex used for validation is '${pattern}')`;
}

const label1123Message = regexMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  label1123,
  'my-name',
  '123-abc',
);
const subdomainMessage = regexMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  `${label1123}(\\.${label1123})*`,
  'example.com',
);
const label1035Message = regexMessage(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  label1035,
  'my-name',
  'abc-123',
);
const qualifiedMessage = regexMessage(
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  qualifiedPart,
  'MyName',
  'my.name',
  '123-abc',
);

const maxLength = (max: number): string => `must be no more than ${max} characters`;

function rule(pattern: string, max: number, message: string): NameRule {
  const regex = whole(pattern);
  return (value) => [...(value.length > max ? [maxLength(max)] : []), ...(regex.test(value) ? [] : [message])];
}

export const dnsLabel: NameRule = rule(label1123, 63, label1123Message);
export const dnsSubdomain: NameRule = rule(`${label1123}(\\.${label1123})*`, 253, subdomainMessage);
export const dns1035Label: NameRule = rule(label1035, 63, label1035Message);

/** Names of roles and bindings: anything that fits into a path. */
export const pathSegment: NameRule = (value) => {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
};

const qualifiedRegex = whole(qualifiedPart);

/** A label or annotation key: `name` or `prefix.example.com/name`. */
export const qualifiedName: NameRule = (value) => {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedPart}') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const messages: string[] = [];
  const name = parts.at(-1) ?? '';
  if (parts.length === 2) messages.push(...(parts[0] === '' ? ['prefix part must be non-empty'] : dnsSubdomain(parts[0] ?? '').map((message) => `prefix part ${message}`)));
  if (name === '') messages.push('name part must be non-empty');
  else if (name.length > 63) messages.push('name part must be no more than 63 characters');
  if (!qualifiedRegex.test(name)) messages.push(qualifiedMessage);
  return messages;
};

const labelValueRegex = whole(`(${qualifiedPart})?`);

export const labelValue: NameRule = (value) => [
  ...(value.length > 63 ? [maxLength(63)] : []),
  ...(labelValueRegex.test(value)
    ? []
    : [
        regexMessage(
          "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
          `(${qualifiedPart})?`,
          'MyValue',
          'my_value',
          '12345',
        ),
      ]),
];

export const portNumber = (value: unknown): string[] =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535 ? [] : ['must be between 1 and 65535, inclusive'];

export const portName: NameRule = (value) => {
  const messages: string[] = [];
  if (value.length > 15) messages.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(value)) messages.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) messages.push('must contain at least one letter (a-z)');
  if (value.includes('--')) messages.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) messages.push('must not begin or end with a hyphen');
  return messages;
};

/** Keys of configmaps and secrets. */
export const configKey: NameRule = (value) => {
  if (value.length > 253) return [maxLength(253)];
  if (!/^[-._a-zA-Z0-9]+$/.test(value)) {
    return [regexMessage("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", '[-._a-zA-Z0-9]+', 'key.name', 'KEY_NAME', 'key-name')];
  }
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
};

export const environmentName: NameRule = (value) =>
  value !== '' && /^[ -<>-~]+$/.test(value) ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
