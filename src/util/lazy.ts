/**
 * Made when it is first asked for, then kept. For schemas: each takes some tenths of a millisecond to build, and of those that read answers
 * and states a process uses few, the first of them only after its first request.
 */
export function lazy<T>(make: () => T): () => T {
    let made: { readonly value: T } | undefined;
    return () => {
        made ??= { value: make() };
        return made.value;
    };
}
