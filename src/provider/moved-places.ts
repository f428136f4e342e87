import type { Place } from "../cloud/call";
import type { Clock } from "../util/clock";
import type { Properties } from "./hooks";
import { urnOf } from "./inputs/properties";
import { placeSchema } from "./state";

/** No other resource has been heard of for so long: then it is told, once. Milliseconds. */
const QUIET = 400;
const SHOWN = 5;

/** What is set now and says another place than the stored one, as text; undefined: nothing does. Never throws. */
export type SaidNow = (
    stored: Place,
    given: { readonly region: boolean; readonly projectId: boolean },
) => Promise<string | undefined>;

interface Moved {
    readonly urns: Set<string>;
    /** Whether one of them stays in the stack. */
    stays: boolean;
    lastHeard: number;
    told: Promise<void> | undefined;
}

/**
 * Resources keep the place that they were made in. Where environment, configuration or profile name another one by now, that is
 * told once an operation, with how many resources it concerns: a wrong place that was corrected would stay for ever, unseen.
 */
export class MovedPlaces {
    private readonly moved = new Map<string, Moved>();
    private atWork = 0;

    constructor(
        private readonly clock: Clock,
        private readonly saidNow: SaidNow,
        private readonly tell: (urn: string, text: string) => void,
    ) {}

    /** One hook of one resource. The last one at work waits until all is told, for nobody comes after it. */
    during<T>(outputs: Properties, inputs: Properties, hook: () => Promise<T>): Promise<T> {
        return this.telling(outputs, inputs, true, hook);
    }

    /** The same, of a resource that is gone with this operation: what is said of arguments would come too late. */
    duringRemoval<T>(outputs: Properties, hook: () => Promise<T>): Promise<T> {
        return this.telling(outputs, outputs, false, hook);
    }

    private async telling<T>(
        outputs: Properties,
        inputs: Properties,
        stays: boolean,
        hook: () => Promise<T>,
    ): Promise<T> {
        this.atWork += 1;
        let isLast = false;
        try {
            await this.note(outputs, inputs, stays);
            return await hook();
        } finally {
            this.atWork -= 1;
            isLast = this.atWork === 0;
            if (isLast) {
                await Promise.all([...this.moved.values()].map(({ told }) => told));
            }
        }
    }

    private async note(outputs: Properties, inputs: Properties, stays: boolean): Promise<void> {
        const stored = placeSchema.safeParse(outputs.place);
        if (!stored.success) {
            return;
        }
        const given = { region: inputs.region !== undefined, projectId: inputs.projectId !== undefined };
        const said = await this.saidNow(stored.data, given);
        if (said === undefined) {
            return;
        }
        const moved: Moved = this.moved.get(said) ?? { urns: new Set(), stays: false, lastHeard: 0, told: undefined };
        this.moved.set(said, moved);
        moved.urns.add(urnOf(inputs));
        moved.stays ||= stays;
        moved.lastHeard = this.clock.now();
        moved.told ??= this.tellWhenQuiet(said, moved);
    }

    private async tellWhenQuiet(said: string, moved: Moved): Promise<void> {
        const { clock } = this;
        for (let left = QUIET; left > 0; left = moved.lastHeard + QUIET - clock.now()) {
            await clock.sleep(left);
        }
        const urns = [...moved.urns];
        const [first = ""] = urns;
        const names = urns.slice(0, SHOWN).map((urn) => urn.slice(urn.lastIndexOf("::") + 2));
        const more = urns.length > SHOWN ? ` and ${urns.length - SHOWN} more` : "";
        const resources = urns.length === 1 ? "1 resource" : `${urns.length} resources`;
        const wayOn = moved.stays
            ? `. To act in the other one, give the arguments region and projectId: that replaces them`
            : `, and nothing is deleted in the other one. To act there, declare the targets again, with the arguments region and projectId`;
        this.tell(
            first,
            `${said}: ${resources} (${names.join(", ")}${more}) ${urns.length === 1 ? "keeps" : "keep"} the stored place${wayOn}`,
        );
    }
}

/** For processes that nothing can be said in. */
export const nothingMoves: Pick<MovedPlaces, "during" | "duringRemoval"> = {
    during: (_outputs, _inputs, hook) => hook(),
    duringRemoval: (_outputs, hook) => hook(),
};
