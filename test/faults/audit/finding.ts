/**
 * lost: what was acknowledged or announced has not happened, or is gone. doubled: it has happened more than once.
 * wrong: what is there is not what was asked for.
 */
export type FindingKind = 'lost' | 'doubled' | 'wrong';

/** `what` names the rule that is broken, `evidence` the rows or writes that break it. */
export type Finding = { kind: FindingKind; what: string; evidence: string };

export const lost = (what: string, evidence: string): Finding => ({ kind: 'lost', what, evidence });
export const doubled = (what: string, evidence: string): Finding => ({ kind: 'doubled', what, evidence });
export const wrong = (what: string, evidence: string): Finding => ({ kind: 'wrong', what, evidence });
