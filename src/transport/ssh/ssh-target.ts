/** Where an SSH remote is, as the person wrote it; what ssh_config makes of it comes later. */
export type SshTarget = {
  /** A name, an address, or an alias of ssh_config; IPv6 without brackets. */
  readonly host: string;
  /** Undefined: what ssh_config says, else the person's own name. */
  readonly user: string | undefined;
  /** Undefined: what ssh_config says, else 22. */
  readonly port: number | undefined;
};

/** For messages: `git@host`, with a port where it is not the usual one. */
export function targetText({ user, host, port }: SshTarget): string {
  const place = port === undefined || port === 22 ? host : `[${host}]:${port}`;
  return user === undefined ? place : `${user}@${place}`;
}

/** What a person types to reach it with the system's ssh. */
export function sshCommandLine({ user, host, port }: SshTarget): string {
  return `ssh -T ${port === undefined ? "" : `-p ${port} `}${user === undefined ? "" : `${user}@`}${host}`;
}
