/** What the tests use of targaryen, which has no types of its own. */
declare module 'targaryen' {
  export interface Ruleset { readonly rules: unknown }
  export interface Tree { $value(): unknown }
  export interface Result { allowed: boolean; info: string; newDatabase: Database }
  export interface Database {
    readonly root: Tree;
    /** Null changes nothing: who nobody is asks a database that was made without anybody. */
    as(auth: object): Database;
    read(path: string): Result;
    write(path: string, value: unknown): Result;
    update(path: string, patch: object): Result;
    snapshot(path: string): { val(): unknown };
  }
  export function database(rules: Ruleset | object, data: unknown): Database;
  export function ruleset(rules: object): Ruleset;
}
