import { type EngineOffer, fillTemplate, preflightTexts, type Said } from '../shared/preflight';

/** A sentence of the checks before a run, for a terminal. */
export function sayEnglish({ text, facts }: Said): string {
  return fillTemplate(preflightTexts[text], facts);
}

/** What to type to take an offer. */
export function adviceFor(offer: EngineOffer | undefined): string {
  if (offer?.kind === 'install') return `«pyrolens install ${offer.engine}» installs it for Pyrolens alone.`;
  if (offer?.kind === 'useInstead') return `Use --engine ${offer.engine} instead.`;
  return 'Name another interpreter with --python PATH.';
}
