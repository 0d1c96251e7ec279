import { networkInterfaces } from "node:os";

/**
 * Tells whether this machine is on any network at all: some device has an address that reaches further than the machine and
 * its cable. Whether the way leads into the world is another question.
 */
export function hasNetwork(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ internal, address }) => !internal && !/^(?:fe[89ab]|169\.254\.)/i.test(address)),
  );
}
