/** A registered interpreter, from a file of /proc/sys/fs/binfmt_misc (kernel: admin-guide/binfmt-misc). */
export interface BinfmtHandler {
  readonly enabled: boolean;
  readonly interpreter: string;
  readonly flags: string;
}

export function parseBinfmtHandler(text: string): BinfmtHandler {
  return {
    enabled: text.startsWith("enabled"),
    interpreter: /^interpreter (.*)$/m.exec(text)?.[1] ?? "",
    flags: /^flags: *(.*)$/m.exec(text)?.[1]?.trim() ?? "",
  };
}
