/** A value of an element: text, child elements by name, or one element for each item of a list. */
export type XmlValue = string | number | boolean | undefined | { [name: string]: XmlValue } | readonly XmlValue[];

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

export function xmlDocument(root: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
}

/** A result of S3: the document of one element in S3's namespace. */
export function resultDocument(name: string, value: XmlValue): string {
  return xmlDocument(element(name, value, ` xmlns="${namespace}"`));
}

export function element(name: string, value: XmlValue, attributes = ''): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((item: XmlValue) => element(name, item, attributes)).join('');
  const inner =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([child, content]) => element(child, content))
          .join('')
      : escapeXml(String(value));
  return `<${name}${attributes}>${inner}</${name}>`;
}

/** Control characters, which XML 1.0 cannot hold, go as references all the same, as S3 sends them. */
function escapeXml(text: string): string {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be escaped
  return text.replace(/[&<>"\u0000-\u001f]/g, (char) => named[char] ?? `&#${char.charCodeAt(0)};`);
}

export interface XmlElement {
  name: string;
  text: string;
  children: XmlElement[];
}

const deepest = 8;
const token = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;

/** The elements of a small document: no document types, no entities of its own, eight levels. Undefined: it is not well-formed. */
export function parseXml(source: string): XmlElement | undefined {
  const root: XmlElement = { name: '', text: '', children: [] };
  const open = [root];
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const found = token.exec(source);
    if (!found || !take(found, open) || open.length > deepest) return undefined;
  }
  return open.length === 1 && root.children.length === 1 && root.text.trim() === '' ? root.children[0] : undefined;
}

/** One token more, with the elements that are open. False: it does not belong there. */
function take([, closing, name, , empty, text]: RegExpExecArray, open: XmlElement[]): boolean {
  const current = open[open.length - 1];
  if (text !== undefined && current) current.text += decodeXml(text);
  if (name === undefined || !current) return true;
  if (closing) return open.length > 1 && open.pop()?.name === name;
  const child: XmlElement = { name, text: '', children: [] };
  current.children.push(child);
  if (!empty) open.push(child);
  return true;
}

export function childText(parent: XmlElement, name: string): string | undefined {
  return parent.children.find((child) => child.name === name)?.text;
}

function decodeXml(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/g, (whole, hexadecimal, decimal, name) => {
    if (name !== undefined) return named[name] ?? whole;
    const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
