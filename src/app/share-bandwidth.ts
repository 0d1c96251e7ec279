import type { BandwidthConfig, Source } from "../config/config.ts";

/**
 * What one of several syncs that run at once may use: an equal part of what all may use together, and no more than its
 * source may. What one of them does not use the others do not get: so their sum never exceeds the limit, without a word
 * between their processes.
 */
export function shareBandwidth(
  all: BandwidthConfig,
  source: Pick<Source, "bandwidth">,
  running: number,
): BandwidthConfig {
  const own = source.bandwidth;
  return {
    upload: lower(all.upload, own.upload, running),
    download: lower(all.download, own.download, running),
  };
}

function lower(all: number | undefined, own: number | undefined, running: number): number | undefined {
  const part = all === undefined ? undefined : Math.max(1, Math.floor(all / Math.max(1, running)));
  if (part === undefined || own === undefined) return part ?? own;
  return Math.min(part, own);
}
