export * from '../src/testing/books-api.ts';
