import type { Browser } from 'playwright-core';

export function chromiumPath(): string | undefined;
export function launchBrowser(moreArgs?: readonly string[]): Promise<Browser>;
