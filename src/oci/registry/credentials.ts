/** What a user shows to a registry: a password, or an identity token from an earlier login. */
export type Credentials =
  | { readonly kind: "password"; readonly user: string; readonly password: string }
  | { readonly kind: "identity-token"; readonly token: string };

/** Gives the credentials for a repository, or null when there are none. */
export type FindCredentials = (registry: string, repository: string) => Promise<Credentials | null>;
