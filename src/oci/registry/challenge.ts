/** One way in which a server wants a request to be authorized. */
export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The challenges of a WWW-Authenticate header (RFC 9110, 11.6.1), in order. A list of challenges and the lists of their
 * parameters are separated alike, by commas: what is followed by `=` is a parameter. Reads as far as it understands.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const rest = new RegExp(pattern, "gy");
  for (const match of header.matchAll(rest)) {
    const { name, quoted, plain, scheme } = match.groups ?? {};
    const last = challenges.at(-1);
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    else if (name !== undefined && last !== undefined) {
      last.parameters[name.toLowerCase()] ??= quoted?.replace(/\\(.)/gs, "$1") ?? plain ?? "";
    }
  }
  return challenges;
}

const token = String.raw`[\w!#$%&'*+.^|~\x60-]+`;
const parameter = String.raw`(?<name>${token})\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<plain>[^\s,"]*))`;
/** The lookahead keeps a token68 (`Basic abc==`), which servers never send here, from being read as a parameter's name. */
const pattern = String.raw`[\s,]*(?:${parameter}|(?<scheme>${token})(?=[\s,]|$))`;
