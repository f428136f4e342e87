/**

 * and states a process uses few, the first of them only after its first request.
 */
export function lazy<T>(make: () => T): () => T {
    let made: { readonly value: T } | undefined;
    return () => {
        made ??= { value: make() };
        return made.value;
    };
}
