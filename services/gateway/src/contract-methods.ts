type Paths = Record<string, object>;

/** Methods that the contract has for anything below /api. */
export const FORWARDED_METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

const PARAMETER = /\{[^}]+\}/g;

/** Says which methods the contract has for the path of a request target; all of them where it has no such path. */
export function createMethodsOf(paths: Paths): (target: string) => readonly string[] {
  const known = Object.entries(paths)
    .map(([path, item]) => ({
      parameters: path.match(PARAMETER)?.length ?? 0,
      pattern: new RegExp(`^${path.replace(/\/$/, '').replace(PARAMETER, '[^/]+')}/?$`),
      methods: Object.keys(item)
        .map((key) => key.toUpperCase())
        .filter((method) => FORWARDED_METHODS.includes(method)),
    }))
    .sort((one, other) => one.parameters - other.parameters);
  return (target) => {
    const [path = ''] = target.split('?', 1);
    return known.find(({ pattern }) => pattern.test(path))?.methods ?? FORWARDED_METHODS;
  };
}
