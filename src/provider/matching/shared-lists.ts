import type { Service } from "../../cloud/call";
import type { Connection } from "../../cloud/cloud";
import type { ListedKind, ListedThing, ListQuery } from "../../services/listed-kind";
import type { Clock } from "../../util/clock";
import { SingleFlight } from "../../util/single-flight";

/** Reads the list of one kind; as `ListedKind.list`. */
export type ReadList = (listed: ListedKind, query: ListQuery, show: (thing: ListedThing) => void) => Promise<void>;

/** One who waits for a reading. */
interface Reader {
    readonly show: (thing: ListedThing) => void;
    readonly query: ListQuery;
    /** What `show` threw: it is shown no more. */
    failed?: { readonly error: unknown };
}

interface Reading {
    readonly readers: Reader[];
    readonly flight: SingleFlight<void>;
}

/**
 * Readings of whole lists for rules. All who ask for the same list at one moment share a reading: a resource and its rows, and the
 * resources that the engine reads at once. Nothing is kept: who comes while it is under way has it read anew.
 */
export class SharedLists {
    private readonly gathering = new Map<string, Reading>();

    constructor(private readonly clock: Clock) {}

    /** The lists of one service, as one identity sees them in one place. */
    of(service: Service, { place, identity }: Pick<Connection, "place" | "identity">): ReadList {
        return async (listed, query, show) => {
            const { inputs, wanted, signal } = query;
            const whose = [service.name, place.region, place.projectId, identity];
            const key = JSON.stringify([...whose, listed.noun, inputs, wanted]);
            const reader: Reader = { show, query };
            const reading = this.gathering.get(key) ?? this.begin(key, listed);
            reading.readers.push(reader);
            await reading.flight.get(signal);
            if (reader.failed !== undefined) {
                throw reader.failed.error;
            }
        };
    }

    private begin(key: string, listed: ListedKind): Reading {
        const readers: Reader[] = [];
        const read = async (signal: AbortSignal) => {
            await this.clock.yieldToEventLoop();
            this.gathering.delete(key);
            const [first] = readers;
            if (first !== undefined) {
                await listed.list({ ...first.query, signal }, (thing) => showToAll(readers, thing));
            }
        };
        const reading = { readers, flight: new SingleFlight(read) };
        this.gathering.set(key, reading);
        return reading;
    }
}

function showToAll(readers: readonly Reader[], thing: ListedThing): void {
    for (const reader of readers) {
        if (reader.failed === undefined && !reader.query.signal.aborted) {
            try {
                reader.show(thing);
            } catch (error) {
                reader.failed = { error };
            }
        }
    }
}
