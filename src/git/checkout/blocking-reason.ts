import { LullError, systemCode } from "../../base/errors.ts";

/** Errors that say something of this one path, not of the disk. */
export function blockingReason(error: unknown): string | undefined {
  if (error instanceof LullError) return undefined;
  switch (systemCode(error)) {
    case "EACCES":
    case "EPERM":
    case "EBUSY":
    case "ETXTBSY":
      return "it is not writable";
    case "EISDIR":
    case "ENOTDIR":
    case "ENOTEMPTY":
    case "EEXIST":
    case "ENOENT":
    case "ELOOP":
    case "EXDEV":
      return "changed meanwhile";
    case "ENAMETOOLONG":
    case "EILSEQ":
    case "EINVAL":
      return "this file system can not hold its name";
    default:
      return undefined;
  }
}
