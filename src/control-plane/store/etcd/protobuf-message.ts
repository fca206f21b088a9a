import { ByteReader, ByteWriter } from '../bytes.ts';

/** One field of a message. Etcd's have two wire types: numbers, and what has a length. */
export interface Field<T> {
  readonly number: number;
  /** What it means when the field is not there. */
  absent(): T | undefined;
  /** `before`: the value so far, for a field that occurs several times. */
  read(reader: ByteReader, before: T | undefined): T;
  /** With its tag. */
  write(writer: ByteWriter, value: T): void;
}

export interface Message<T> {
  encode(value: T): Uint8Array;
  /** Fields that are not listed are skipped. Throws RangeError when the bytes end early. */
  decode(bytes: Uint8Array): T;
}

const varint = 0;
const lengthDelimited = 2;

export const text = (number: number): Field<string> => ({
  number,
  absent: () => '',
  read: (reader) => reader.text(),
  write: (writer, value) => void writer.number(number * 8 + lengthDelimited).text(value),
});

export const bytes = (number: number): Field<Uint8Array> => ({
  number,
  absent: () => new Uint8Array(0),
  read: (reader) => reader.blob(),
  write: (writer, value) => void writer.number(number * 8 + lengthDelimited).blob(value),
});

/** From 0 to 2^53; enumerations too. */
export const integer = (number: number): Field<number> => ({
  number,
  absent: () => 0,
  read: (reader) => reader.number(),
  write: (writer, value) => void writer.number(number * 8 + varint).number(value),
});

export const flag = (number: number): Field<boolean> => ({
  number,
  absent: () => false,
  read: (reader) => reader.number() !== 0,
  write: (writer, value) => void writer.number(number * 8 + varint).number(value ? 1 : 0),
});

export const one = <T>(number: number, type: Message<T>): Field<T> => ({
  number,
  absent: () => undefined,
  read: (reader) => type.decode(reader.view()),
  write: (writer, value) => void writer.number(number * 8 + lengthDelimited).blob(type.encode(value)),
});

export const many = <T>(number: number, type: Message<T>): Field<T[]> => ({
  number,
  absent: () => [],
  read: (reader, before = []) => {
    before.push(type.decode(reader.view()));
    return before;
  },
  write: (writer, value) => {
    for (const entry of value) writer.number(number * 8 + lengthDelimited).blob(type.encode(entry));
  },
});

/** A message by its fields. */
export function message<T extends object>(fields: { readonly [Name in keyof T]-?: Field<NonNullable<T[Name]>> }): Message<T> {
  const entries = Object.entries(fields) as [string, Field<unknown>][];
  const byNumber = new Map(entries.map(([name, field]) => [field.number, { name, field }]));
  return {
    encode: (value) => {
      const writer = new ByteWriter(128);
      for (const [name, field] of entries) {
        const member = (value as Record<string, unknown>)[name];
        if (member !== undefined) field.write(writer, member);
      }
      return writer.bytes();
    },
    decode: (encoded) => {
      const value: Record<string, unknown> = {};
      for (const [name, field] of entries) value[name] = field.absent();
      for (const reader = new ByteReader(encoded); !reader.done; ) {
        const tag = reader.number();
        const known = byNumber.get(tag >>> 3);
        if (known) value[known.name] = known.field.read(reader, value[known.name]);
        else if ((tag & 7) === varint) reader.number();
        else reader.view();
      }
      return value as T;
    },
  };
}
