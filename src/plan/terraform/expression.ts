import type { TerraformExpression, TerraformFile, TerraformValue } from '../../cloud/provider.ts';
import { isRef, type Ref } from '../../cloud/resource.ts';

/** What a value needs of the configuration it stands in. */
export interface Surroundings {
  /** `aws_vpc.demo-example-com.id` */
  address(reference: Ref): string;
  /** Keeps the text for `data/`. */
  addFile(file: TerraformFile['$file']): void;
}

/** A value in Terraform's JSON syntax: references and expressions become `${…}`, in plain text `${` and `%{` lose their meaning. Undefined arguments go. */
export function toJson(value: TerraformValue | undefined, surroundings: Surroundings): unknown {
  if (typeof value === 'string') return escaped(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isFile(value)) return file(value, surroundings);
  if (isRef(value)) return `\${${surroundings.address(value)}}`;
  if (isExpression(value)) return `\${${value.$expression}}`;
  if (Array.isArray(value)) return value.map((item) => toJson(item, surroundings));
  const entries = Object.entries(value as Record<string, TerraformValue | undefined>).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [escaped(key), toJson(item, surroundings)]));
}

function file({ $file }: TerraformFile, { addFile }: Surroundings): string {
  addFile($file);
  const path = `\${path.module}/data/${$file.name}`;
  if ($file.path) return path;
  return `\${${$file.base64 ? 'filebase64' : 'file'}("${path}")}`;
}

function escaped(text: string): string {
  return text.replace(/([$%])\{/g, '$1$1{');
}

function isFile(value: TerraformValue): value is TerraformFile {
  return typeof value === 'object' && value !== null && '$file' in value;
}

function isExpression(value: TerraformValue): value is TerraformExpression {
  return typeof value === 'object' && value !== null && '$expression' in value;
}
