import type { Problem } from '../../../shared/profile';
import { say } from '../../strings';
import { JsonDamaged } from './jsonDamaged';

/** The problem of a file whose JSON ends or breaks off; anything else that was thrown is thrown on. */
export function jsonProblem(error: unknown, part: string): Problem {
  if (!(error instanceof JsonDamaged)) throw error;
  return { message: say(error.isCutOff ? 'cutOffAt' : 'damagedAt'), part, offset: error.offset };
}
