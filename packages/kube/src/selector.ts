import type { KubernetesObject } from './object.ts';

/** Whether an object carries the labels of a selector (`a=b,c=d`, or `a` for "has it"). */
export function matches(object: KubernetesObject, selector: string | undefined): boolean {
  if (selector === undefined || selector === '') return true;
  return selector.split(',').every((term) => {
    const [name = '', value] = term.split('=');
    const found = object.metadata.labels?.[name];
    return value === undefined ? found !== undefined : found === value;
  });
}
