/** Something that is started and stopped with the service. Parts stop in the reverse of the order given. */
export type Part = {
  name: string;
  start?: () => unknown;
  /** Called as the stop begins: the part serves on until it is stopped, and says so to its clients. */
  drain?: () => void;
  /** After `limitMs` the part is left behind. */
  stop?: (limitMs: number) => unknown;
};
