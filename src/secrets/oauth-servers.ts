/** Where GitHub and GitLab, also self-hosted ones, take a login by a device code. */
export type OAuthService = "github" | "gitlab";

export type OAuthServer = {
  readonly service: OAuthService;
  readonly clientId: string;
  readonly deviceUrl: string;
  readonly tokenUrl: string;
  readonly scope: string;
  /** As `TokenSet` has it. */
  readonly username: string | undefined;
};

/**
 * @param base the server's address, with its path where it does not lie at the root
 * @param clientId of an application that is registered there
 */
export function oauthServer(service: OAuthService, base: string, clientId: string): OAuthServer {
  const root = base.replace(/\/+$/, "");
  switch (service) {
    case "github":
      return {
        service,
        clientId,
        deviceUrl: `${root}/login/device/code`,
        tokenUrl: `${root}/login/oauth/access_token`,
        // Without the second one a push that touches a workflow file is refused.
        scope: "repo workflow",
        username: undefined,
      };
    case "gitlab":
      return {
        service,
        clientId,
        deviceUrl: `${root}/oauth/authorize_device`,
        tokenUrl: `${root}/oauth/token`,
        scope: "read_repository write_repository",
        // Beside any other user name GitLab takes the token for a password or a personal token.
        username: "oauth2",
      };
  }
}

/** Which of the two serves an origin, as far as its name tells. */
export function serviceOf(origin: string): OAuthService | undefined {
  const { hostname } = new URL(origin);
  if (hostname === "github.com" || hostname.endsWith(".ghe.com") || hostname.startsWith("github."))
    return "github";
  return hostname.split(".").includes("gitlab") ? "gitlab" : undefined;
}
