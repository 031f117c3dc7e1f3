import { readFileSync } from 'node:fs';
import { selfTimes } from './src/cpu-profile.ts';

/** Says where the time of a .cpuprofile went: its path and, if wanted, the seconds to skip are the arguments. */
const SHOWN = 30;
const [file = '', skippedS = '0'] = process.argv.slice(2);
const { busyMs, functions, modules } = selfTimes(JSON.parse(readFileSync(file, 'utf8')), Number(skippedS) * 1_000);

const list = (shares: { name: string; percent: number }[]) =>
  shares
    .slice(0, SHOWN)
    .map(({ name, percent }) => `${percent.toFixed(1).padStart(6)} %  ${name}`)
    .join('\n');

process.stdout.write(
  `busy for ${(busyMs / 1_000).toFixed(1)} s\n\nby module\n${list(modules)}\n\nby function\n${list(functions)}\n`,
);
