import type { Place } from "../cloud/call";
import type { Clock } from "../util/clock";
import type { Properties } from "./hooks";
import { urnOf } from "./inputs/properties";
import { placeSchema } from "./state";

/** The warning waits until no further resource has come for so long. Milliseconds. */
const QUIET = 400;
const SHOWN = 5;

/** Which setting names another place now than the stored one, as text; undefined: none does. Never throws. */
export type FindPlaceChange = (
    stored: Place,
    given: { readonly region: boolean; readonly projectId: boolean },
) => Promise<string | undefined>;

interface Moved {
    readonly urns: Set<string>;
    /** Whether one of them stays in the stack. */
    stays: boolean;
    lastAdded: number;
    warned: Promise<void> | undefined;
}

/**
 * Resources keep the place that they were created in. Where environment, configuration or profile name another one by now, one warning
 * for each operation says so, with the number of resources: without it, correcting a wrong place would have no effect, and nobody would know.
 */
export class MovedPlaces {
    private readonly moved = new Map<string, Moved>();
    private hooks = 0;

    constructor(
        private readonly clock: Clock,
        private readonly findPlaceChange: FindPlaceChange,
        private readonly warn: (urn: string, text: string) => void,
    ) {}

    /** One hook of one resource. The last hook under way waits for the warnings: after it the process may end. */
    during<T>(outputs: Properties, inputs: Properties, hook: () => Promise<T>): Promise<T> {
        return this.withWarning(outputs, inputs, true, hook);
    }

    /** The same, of a resource that this operation removes: advice about its arguments would come too late. */
    duringRemoval<T>(outputs: Properties, hook: () => Promise<T>): Promise<T> {
        return this.withWarning(outputs, outputs, false, hook);
    }

    private async withWarning<T>(
        outputs: Properties,
        inputs: Properties,
        stays: boolean,
        hook: () => Promise<T>,
    ): Promise<T> {
        this.hooks += 1;
        let isLast = false;
        try {
            await this.note(outputs, inputs, stays);
            return await hook();
        } finally {
            this.hooks -= 1;
            isLast = this.hooks === 0;
            if (isLast) {
                await Promise.all([...this.moved.values()].map(({ warned }) => warned));
            }
        }
    }

    private async note(outputs: Properties, inputs: Properties, stays: boolean): Promise<void> {
        const stored = placeSchema.safeParse(outputs.place);
        if (!stored.success) {
            return;
        }
        const given = { region: inputs.region !== undefined, projectId: inputs.projectId !== undefined };
        const setting = await this.findPlaceChange(stored.data, given);
        if (setting === undefined) {
            return;
        }
        const moved: Moved = this.moved.get(setting) ?? {
            urns: new Set(),
            stays: false,
            lastAdded: 0,
            warned: undefined,
        };
        this.moved.set(setting, moved);
        moved.urns.add(urnOf(inputs));
        moved.stays ||= stays;
        moved.lastAdded = this.clock.now();
        moved.warned ??= this.warnWhenQuiet(setting, moved);
    }

    private async warnWhenQuiet(setting: string, moved: Moved): Promise<void> {
        const { clock } = this;
        for (let left = QUIET; left > 0; left = moved.lastAdded + QUIET - clock.now()) {
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
        this.warn(
            first,
            `${setting}: ${resources} (${names.join(", ")}${more}) ${urns.length === 1 ? "keeps" : "keep"} the stored place${wayOn}`,
        );
    }
}

/** For processes that can't show a warning. */
export const nothingMoves: Pick<MovedPlaces, "during" | "duringRemoval"> = {
    during: (_outputs, _inputs, hook) => hook(),
    duringRemoval: (_outputs, hook) => hook(),
};
