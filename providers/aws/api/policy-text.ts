import { canonicalJson } from '../../../src/lib/json.ts';

/** A JSON document of AWS (a policy, an event pattern) in the one form in which it is compared: keys sorted, no white space. IAM answers percent-encoded. */
export function canonicalPolicy(text: string): string {
  const plain = text.startsWith('%') ? decodeURIComponent(text) : text;
  try {
    return canonicalJson(JSON.parse(plain));
  } catch {
    return plain;
  }
}
