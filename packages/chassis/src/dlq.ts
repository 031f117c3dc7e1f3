import { runDlq } from './dlq/run.ts';

await runDlq(process.argv.slice(2), process.env);
