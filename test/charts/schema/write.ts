import { writeFileSync } from 'node:fs';
import { root } from '../charts.ts';
import { schemas } from './schemas.ts';

for (const [chart, text] of schemas) writeFileSync(`${root}/charts/${chart}/values.schema.json`, text);
