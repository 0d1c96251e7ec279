/** The thread that deflates beside the one that commits (`git/objects/deflate-lane.ts`); an entry of its own in the binary. */
import { DeflateRing } from "./git/objects/deflate-ring.ts";

addEventListener("message", ({ data }: MessageEvent<SharedArrayBuffer>) => new DeflateRing(data).serve());
