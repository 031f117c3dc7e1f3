import { posix } from 'node:path';

const FENCED_CODE = /^```[\s\S]*?^```$/gm;
const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const IN_BACKTICKS = /`([^`\n]+)`/g;
const ELSEWHERE = /^(?:[a-z][a-z+.-]*:|#|\/)/i;

const PATH = /^[\w.][\w.*-]*(?:\/[\w.*-]+)*\/?$/;
const FILE = /[\w*]\.(?:example|html|js|json|md|prisma|sh|sql|toml|ts|xml|ya?ml)$/;
const MEDIA_TYPE = /^(?:application|image|multipart|text)\//;

const TOUR = /^## The tour of the house\n+```text\n([\s\S]*?)^```$/m;

/**
 * The paths that a Markdown page at `page` names, as seen from the repository's root: the targets of relative links,
 * and what stands in backticks and has a slash within or ends like a file. `*` stands for any name.
 */
export function namedPaths(page: string, markdown: string): string[] {
  const text = markdown.replaceAll(FENCED_CODE, '');
  const links = [...text.matchAll(LINK)]
    .map(([, target = '']) => target)
    .filter((target) => !ELSEWHERE.test(target))
    .map((target) => posix.join(posix.dirname(page), target.replace(/#.*/, '')));
  const quoted = [...text.matchAll(IN_BACKTICKS)].map(([, words = '']) => words).filter(looksLikePath);
  return [...links, ...quoted];
}

const looksLikePath = (words: string): boolean =>
  PATH.test(words) && !MEDIA_TYPE.test(words) && (words.includes('/') || FILE.test(words));

/** The paths of the tree that the README's tour draws, folders with a slash at the end. */
export function tourPaths(readme: string): string[] {
  const [, tree = ''] = TOUR.exec(readme) ?? [];
  const way: string[] = [];
  return [...tree.matchAll(/^((?: {2})*)(\S+)/gm)].map(([, indent = '', name = '']) => {
    way.splice(indent.length / 2, way.length, name);
    return way.join('');
  });
}
