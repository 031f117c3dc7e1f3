type Part = { stop(): Promise<unknown> };

/** What has been set up for a row, which ends with it. */
export type Stage = {
  /** Has it stopped before what was set up before it. */
  keep<Kept extends Part>(part: Kept): Kept;
  /** The folder into which our services write where their time went, if at all. */
  readonly profiles: string | undefined;
};

export async function onStage<Result>(
  profiles: string | undefined,
  play: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const parts: Part[] = [];
  const keep = <Kept extends Part>(part: Kept): Kept => {
    parts.push(part);
    return part;
  };
  try {
    return await play({ keep, profiles });
  } finally {
    for (const part of parts.toReversed()) await part.stop();
  }
}
