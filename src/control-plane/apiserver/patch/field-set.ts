type FieldsV1 = { [element: string]: FieldsV1 };

/**
 * A set of paths into an object, as managedFields keep it: `f:name` a field, `k:{"name":"web"}` a list item by its keys, `v:"x"` a value of a set.
 */
export class FieldSet {
  /** The path that leads here is in the set. */
  member = false;
  readonly children = new Map<string, FieldSet>();

  static from(fields: FieldsV1 | undefined): FieldSet {
    const set = new FieldSet();
    for (const [element, below] of Object.entries(fields ?? {})) {
      if (element === '.') set.member = true;
      else set.children.set(element, FieldSet.fromChild(below));
    }
    return set;
  }

  private static fromChild(fields: FieldsV1): FieldSet {
    const set = FieldSet.from(fields);
    if (Object.keys(fields).length === 0) set.member = true;
    return set;
  }

  child(element: string): FieldSet {
    const known = this.children.get(element);
    if (known) return known;
    const made = new FieldSet();
    this.children.set(element, made);
    return made;
  }

  get isEmpty(): boolean {
    if (this.member) return false;
    for (const child of this.children.values()) if (!child.isEmpty) return false;
    return true;
  }

  toFields(): FieldsV1 {
    const fields: FieldsV1 = {};
    if (this.member && this.children.size > 0) fields['.'] = {};
    const elements = [...this.children].filter(([, child]) => !child.isEmpty).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [element, child] of elements) fields[element] = child.toFields();
    return fields;
  }

  /** Takes over the other set's paths. */
  add(other: FieldSet): this {
    if (other.member) this.member = true;
    for (const [element, child] of other.children) this.child(element).add(child);
    return this;
  }

  /** Drops the other set's paths. */
  remove(other: FieldSet): this {
    if (other.member) this.member = false;
    for (const [element, child] of other.children) {
      const mine = this.children.get(element)?.remove(child);
      if (mine?.isEmpty) this.children.delete(element);
    }
    return this;
  }

  /** The sets have a path in common. */
  overlaps(other: FieldSet): boolean {
    if (this.member && other.member) return true;
    for (const [element, child] of other.children) if (this.children.get(element)?.overlaps(child)) return true;
    return false;
  }

  /** Every path of the other set is in this one. */
  contains(other: FieldSet): boolean {
    if (other.member && !this.member) return false;
    for (const [element, child] of other.children) {
      const mine = this.children.get(element);
      if (mine ? !mine.contains(child) : !child.isEmpty) return false;
    }
    return true;
  }

  intersection(other: FieldSet): FieldSet {
    const result = new FieldSet();
    result.member = this.member && other.member;
    for (const [element, child] of this.children) {
      const theirs = other.children.get(element);
      const common = theirs && child.intersection(theirs);
      if (common && !common.isEmpty) result.children.set(element, common);
    }
    return result;
  }

  copy(): FieldSet {
    return new FieldSet().add(this);
  }

  /** `.spec.containers[name="web"].image`, sorted. */
  paths(prefix = ''): string[] {
    const below = [...this.children].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([element, child]) => child.paths(prefix + elementText(element)));
    return this.member ? [prefix, ...below] : below;
  }
}

/** `.name`, `[name="web"]`, `[="x"]`: how messages show one step of a path. */
export function elementText(element: string): string {
  const value = element.slice(2);
  if (element.startsWith('f:')) return `.${value}`;
  if (element.startsWith('v:')) return `[=${value}]`;
  const keys = Object.entries(JSON.parse(value) as Record<string, unknown>).map(([key, item]) => `${key}=${JSON.stringify(item)}`);
  return `[${keys.join(',')}]`;
}
