import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { id } from './id.ts';

type Texts = { readonly [key: string]: string | Texts };
const flatten = (texts: Texts, prefix = ''): [key: string, text: string][] =>
  Object.entries(texts).flatMap(([key, value]) => (typeof value === 'string' ? [[prefix + key, value] as [string, string]] : flatten(value, `${prefix}${key}.`)));
const withoutPlural = (key: string): string => key.replace(/_(zero|one|two|few|many|other)$/, '');
const placeholders = (text: string): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '').sort();

const indonesian = new Map(flatten(id));
const english = new Map(flatten(en));
const keysOf = (texts: Map<string, string>): Set<string> => new Set([...texts.keys()].map(withoutPlural));

const appDir = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = readdirSync(appDir, { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path) && !path.includes('.test.') && !/^i18n\/(id|en)\.ts$/.test(path))
  .map((path) => ({ path, tree: ts.createSourceFile(path, readFileSync(join(appDir, path), 'utf8'), ts.ScriptTarget.Latest, true, path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS) }));

/** Every string in the sources, and every beginning of a template such as `status.${key}`: how the screens name their texts. */
function namesInSources(): { whole: Set<string>; beginnings: Set<string> } {
  const whole = new Set<string>();
  const beginnings = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) whole.add(node.text);
    if (ts.isTemplateExpression(node) && node.head.text.includes('.')) beginnings.add(node.head.text);
    ts.forEachChild(node, visit);
  };
  for (const { tree } of sources) visit(tree);
  return { whole, beginnings };
}

describe('U-05 the two languages', () => {
  it('have the same keys', () => {
    expect([...keysOf(english)].sort()).toEqual([...keysOf(indonesian)].sort());
  });

  it('put the same things into the same text', () => {
    for (const [key, text] of indonesian) {
      const other = english.get(key) ?? english.get(`${withoutPlural(key)}_other`) ?? '';
      expect(placeholders(other), key).toEqual(placeholders(text));
    }
  });

  it('have a plural for each number that their grammar tells apart', () => {
    const plural = (texts: Map<string, string>, form: string): string[] => [...texts.keys()].filter((key) => key.endsWith(`_${form}`)).map(withoutPlural).sort();
    expect(plural(english, 'one')).toEqual(plural(english, 'other'));
    expect(plural(indonesian, 'other')).toEqual(plural(english, 'other'));
  });

  it('have no empty text, no exclamation mark and no raw unit', () => {
    for (const [key, text] of [...indonesian, ...english]) {
      expect(text.trim(), key).not.toBe('');
      expect(text, key).not.toMatch(/!|successfully|\bWh\b/);
    }
  });
});

describe('U-05 the screens', () => {
  it('use every text', () => {
    const { whole, beginnings } = namesInSources();
    const unused = [...keysOf(indonesian)].filter((key) => !whole.has(key) && ![...beginnings].some((beginning) => key.startsWith(beginning)));
    expect(unused).toEqual([]);
  });

  it('ask for no text that is missing', () => {
    const known = keysOf(indonesian);
    const missing: string[] = [];
    const visit = (path: string, node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't') {
        const [key] = node.arguments;
        if (key && ts.isStringLiteralLike(key) && !known.has(key.text)) missing.push(`${path}: ${key.text}`);
        if (key && ts.isTemplateExpression(key) && ![...known].some((each) => each.startsWith(key.head.text))) missing.push(`${path}: ${key.head.text}…`);
      }
      ts.forEachChild(node, (child) => visit(path, child));
    };
    for (const { path, tree } of sources) visit(path, tree);
    expect(missing).toEqual([]);
  });

  it('write no word of their own: each is in both languages', () => {
    const literal: string[] = [];
    const visit = (path: string, node: ts.Node): void => {
      if (ts.isJsxText(node) && /\p{L}{2,}/u.test(node.text) && !['kW', 'kWh', 'Esc'].includes(node.text.trim().replace(/[()]/g, ''))) literal.push(`${path}: ${node.text.trim()}`);
      if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer) && ['title', 'label', 'aria-label', 'placeholder', 'description'].includes(node.name.getText())) literal.push(`${path}: ${node.getText()}`);
      ts.forEachChild(node, (child) => visit(path, child));
    };
    for (const { path, tree } of sources) visit(path, tree);
    expect(literal).toEqual([]);
  });
});
