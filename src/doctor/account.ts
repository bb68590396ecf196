/** The user for whom builds shall work. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
}
