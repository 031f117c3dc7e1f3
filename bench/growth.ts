import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { resultPath, timeName, writeResult } from '../test/support/results.ts';
import { type ChatMarks, fillChat, fillFeed, type Marks } from './src/growth/data.ts';
import { CHAT_LISTS, FEED_LISTS, type List } from './src/growth/lists.ts';
import { measure } from './src/growth/measure.ts';
import { chatPlans, feedPlans } from './src/growth/plans.ts';
import { FLAT, type GrowthRow, growthRow, growthTable } from './src/growth/report.ts';
import { type Backing, createSchema, startBacking, startDataService } from './src/stage/services.ts';
import { onStage, type Stage } from './src/stage/stage.ts';

/** The `make growth` program: whether lists cost the same however many rows there are. */
const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000,1000000' },
    samples: { type: 'string', default: '500' },
  },
});
const sizes = values.sizes.split(',').map(Number);
const samples = Number(values.samples);
const say = (line: string) => process.stderr.write(`${line}\n`);
const print = (text: string) => process.stdout.write(`${text}\n`);

type Filled<Ids> = { rows: number; databaseUrl: string; url: string; marks: Ids };

async function fill<Ids>(
  stage: Stage,
  backing: Backing,
  name: 'feed' | 'chat',
  fillOne: (databaseUrl: string, rows: number) => Promise<Ids>,
): Promise<Filled<Ids>[]> {
  const filled: Filled<Ids>[] = [];
  for (const rows of sizes) {
    const databaseUrl = await createSchema(backing, name, `${name}_${rows}`);
    const begin = performance.now();
    const marks = await fillOne(databaseUrl, rows);
    say(`${name}: ${rows.toLocaleString('en')} rows in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    const { url } = await startDataService(stage, backing, { name, databaseUrl });
    filled.push({ rows, databaseUrl, url, marks });
  }
  return filled;
}

async function measureLists<Ids>(
  lists: List<Ids>[],
  filled: Filled<Ids>[],
  callerOf: (ids: Ids) => string,
): Promise<GrowthRow[]> {
  const rows: GrowthRow[] = [];
  for (const { name, path } of lists) {
    const contenders = filled.map(({ rows, url, marks }) => {
      return { rows, url, path: path(marks), userId: callerOf(marks) };
    });
    rows.push(growthRow(name, await measure(contenders, samples)));
    say(`${name}: measured`);
  }
  return rows;
}

async function grow(stage: Stage): Promise<GrowthRow[]> {
  const backing = await startBacking(stage, { kafka: false });
  const feed = await fill(stage, backing, 'feed', fillFeed);
  const chat = await fill(stage, backing, 'chat', fillChat);
  const loadBefore = loadavg()[0] ?? 0;
  const rows = [
    ...(await measureLists(FEED_LISTS, feed, ({ author }) => author)),
    ...(await measureLists(CHAT_LISTS, chat, ({ person }) => person)),
  ];
  const load = { before: loadBefore, after: loadavg()[0] ?? 0 };
  const plans = await plansOf(feed.at(-1), chat.at(-1));
  print(`\n${growthTable(rows)}\n`);
  for (const [name, plan] of plans) print(`${name}, ${sizes.at(-1)?.toLocaleString('en')} rows:\n${plan}\n`);
  print(`Load of the machine: ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after.`);
  const file = resultPath('bench', `growth-${timeName()}`);
  print(`Written to ${await writeResult(file, { samples, load, rows, plans })}`);
  return rows;
}

async function plansOf(feed?: Filled<Marks>, chat?: Filled<ChatMarks>): Promise<[name: string, plan: string][]> {
  return [
    ...(feed ? await feedPlans(feed.databaseUrl, feed.marks) : []),
    ...(chat ? await chatPlans(chat.databaseUrl, chat.marks) : []),
  ];
}

const growing = (await onStage(undefined, grow)).filter(({ flat }) => !flat);
if (growing.length > 0) {
  print(`GROWS by more than ${FLAT}: ${growing.map(({ name }) => name).join('; ')}`);
  process.exitCode = 1;
}
