/** Why no connection came about, as far as the system's word for it tells; the same whatever carries the bytes. */

/** Somebody answered that nothing is there: the network works. */
export const REFUSED_CAUSES: readonly string[] = [
  "the server is down",
  "the URL names another host or port than it listens at",
  "a firewall refuses",
];

export const UNKNOWN_NAME_CAUSES: readonly string[] = [
  "the host name has a typing mistake",
  "it is known in another network only (VPN)",
  "this network leads nowhere",
];
