/** An object type while its value is put together: every field can be assigned. */
export type Writable<T> = { -readonly [Name in keyof T]: T[Name] }
