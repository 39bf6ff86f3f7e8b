import type { Document, Node, Pair } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

export type Path = readonly (string | number)[];

/** A YAML text that was read, and where everything in it stands. */
export interface Positions {
  readonly value: unknown;
  /** Offset of the value at this path; of its key where `key` is asked; of the nearest parent that exists. */
  offset(path: Path, key?: boolean): number;
  readonly duplicates: readonly { path: Path; offset: number; first: number }[];
}

export interface Place {
  line: number;
  column: number;
}

export type Read = { ok: true; positions: Positions } | { ok: false; errors: { offset: number; message: string }[] };

/** Reads one YAML 1.2 document. Duplicate keys are reported with their path rather than as a syntax error, so that the rest is checked too. */
export function readYaml(text: string): Read {
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'error' });
  const errors = [...document.errors, ...document.warnings].map((error) => ({ offset: error.pos[0], message: oneLine(error.message) }));
  if (errors.length > 0) return { ok: false, errors };
  try {
    const value: unknown = document.toJS();
    return {
      ok: true,
      positions: { value, offset: (path, key) => offsetOf(document, path, key === true), duplicates: duplicatesIn(document) },
    };
  } catch (error) {
    // Too many aliases, or one that leads to itself.
    return { ok: false, errors: [{ offset: 0, message: oneLine(error instanceof Error ? error.message : 'cannot be read') }] };
  }
}

/** Both count from 1; columns in characters, a tab is one. */
export function placesIn(text: string): (offset: number) => Place {
  const counter = new LineCounter();
  counter.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) counter.addNewLine(at + 1);
  return (offset) => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
}

const oneLine = (message: string): string => message.replace(/\s+/g, ' ').trim();

function offsetOf(document: Document, path: Path, key: boolean): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    node = isAlias(node) ? node.resolve(document) : node;
    if (isMap(node)) {
      const pair = node.items.findLast((each) => keyOf(each) === String(step));
      if (pair === undefined) return offset;
      const isLast = depth === path.length - 1;
      // Of a parent, the key is where the eye looks; of a value that is empty, there is nothing else.
      offset = (isLast && !key ? startOf(pair.value) : undefined) ?? startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(step)];
      if (item === undefined) return offset;
      offset = startOf(item) ?? offset;
      node = item;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  const range = (node as Node | null | undefined)?.range;
  // An empty value has a range too, of no width, somewhere behind the colon.
  return range === undefined || range === null || (isScalar(node) && node.value === null && range[0] === range[1]) ? undefined : range[0];
}

const keyOf = (pair: Pair): string => String(isScalar(pair.key) ? pair.key.value : pair.key);

function duplicatesIn(document: Document): { path: Path; offset: number; first: number }[] {
  const found: { path: Path; offset: number; first: number }[] = [];
  const walk = (node: unknown, path: Path): void => {
    if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
    if (!isMap(node)) return;
    const seen = new Map<string, number>();
    for (const pair of node.items) {
      const key = keyOf(pair);
      const offset = startOf(pair.key) ?? 0;
      const first = seen.get(key);
      if (first === undefined) seen.set(key, offset);
      else found.push({ path: [...path, key], offset, first });
      walk(pair.value, [...path, key]);
    }
  };
  walk(document.contents, []);
  return found;
}
