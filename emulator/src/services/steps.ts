import type { World } from "../world/world";

/** An object that counts what is begun with it, so that what was superseded does not end. */
export interface Stepping {
    step: number;
}

/** Plans an event that only counts if nothing else is begun with the object before. */
export function planStep(
    world: World,
    { step }: Stepping,
    inMs: number,
    event: { service: string; event: string; project: string; id: string },
): void {
    const { id, ...rest } = event;
    world.plan(inMs, { ...rest, subject: `${id}#${step}` });
}

/** The object that an event is about, unless something else was begun with it since. */
export function stillMeant<T extends Stepping>(subject: string, find: (id: string) => T | undefined): T | undefined {
    const at = subject.lastIndexOf("#");
    const found = find(subject.slice(0, at));
    return found?.step === Number(subject.slice(at + 1)) ? found : undefined;
}
