/**
 * A text without what gives access in the addresses in it: users and passwords of https, passwords of others. For whatever
 * is shown or recorded. Pure.
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(/\b(https?:\/\/)[^\s/?#]*@/gi, "$1")
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s/?#:@]*):[^\s/?#]*@/gi, "$1@");
}
