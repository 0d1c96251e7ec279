import { formatByteSize } from "../../base/byte-size.ts";
import type { LeftOut } from "./guards.ts";

/** @param limit bytes; undefined: none */
export function fileSize(
  file: { readonly path: string; readonly size: number },
  limit: number | undefined,
): LeftOut | undefined {
  if (limit === undefined || file.size <= limit) return undefined;
  return {
    guard: "file-size",
    path: file.path,
    reason: `${formatByteSize(file.size)}, above the limit of ${formatByteSize(limit)}`,
    marks: [`size:${file.path}`],
  };
}
