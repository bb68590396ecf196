import { Failure } from "../base/failure.ts";

/**
 * The content inside OpenPGP clear-signing armor (RFC 9580, section 7), or the text itself when it has none. `signed`
 * only says that there is a signature: it is not verified here. Raises `bad-signature-armor` when the armor is
 * unfinished or when there is anything outside it, which no signature covers.
 */
export function peelClearSigned(text: string): { readonly content: string; readonly signed: boolean } {
  const lines = text.split("\n").map((line) => line.trimEnd());
  const begin = lines.findIndex((line) => line !== "");
  if (begin < 0 || lines[begin] !== "-----BEGIN PGP SIGNED MESSAGE-----") {
    if (lines.some((line) => line.startsWith("-----BEGIN PGP SIGN")))
      throw bad("begins before its signed part");
    return { content: text, signed: false };
  }
  const headersEnd = lines.indexOf("", begin);
  const signature = lines.indexOf("-----BEGIN PGP SIGNATURE-----", begin);
  const end = lines.indexOf("-----END PGP SIGNATURE-----", signature);
  if (headersEnd < 0 || signature < headersEnd || end < signature) throw bad("is cut off");
  if (lines.slice(end + 1).some((line) => line !== "")) throw bad("goes on after its signature");
  return {
    content:
      lines
        .slice(headersEnd + 1, signature)
        .map(undash)
        .join("\n") + "\n",
    signed: true,
  };
}

/** Lines that begin with a dash are escaped as "- " and the line; any other dash begins armor of another kind. */
function undash(line: string): string {
  if (line.startsWith("- ")) return line.slice(2);
  if (line.startsWith("-")) throw bad("has armor inside its signed part");
  return line;
}

function bad(what: string): Failure {
  return new Failure("package", "bad-signature-armor", `The clear-signed text ${what}`, {
    hint: "Fetch or sign the file again.",
  });
}
