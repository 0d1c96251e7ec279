/** As the runtime's `fetch`, on the way to an address that the config names; it throws the same, and `LullError`s of the way itself. */
export type SendRequest = (
  url: string,
  init: BunFetchRequestInit & { readonly signal: AbortSignal },
) => Promise<Response>;
