import { expect, it } from 'vitest';
import { csvLine } from './csv.ts';

it('L-02 a cell that a spreadsheet would calculate is text, and what needs quotes has them', () => {
  expect(csvLine(['=1+1', '+62', '-1', '@x', '\tx', 'plain', null, -7])).toBe("'=1+1,'+62,'-1,'@x,'\tx,plain,,-7\r\n");
  expect(csvLine(['a "b"', 'c,d', 'e;f', '=x\r\ny'])).toBe(`"a ""b""","c,d",e;f,"'=x\r\ny"\r\n`);
  expect(csvLine(['c,d', 'e;f'], ';')).toBe('c,d;"e;f"\r\n');
});
