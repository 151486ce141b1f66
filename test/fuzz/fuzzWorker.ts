import { formats } from '../../src/server/parse';
import { work } from './worker';

void work(formats);
