import type { Services } from "../../services/registry";
import { cloudErrorOf, errorText } from "../report/error-text";
import { concealing } from "../report/secret-words";
import { assess } from "./assess";
import { type Assessment, isNothing } from "./assessment";
import { assessBatchTask } from "./batch-task";
import { blockText, missingText, nameOf } from "./block";
import { type Foreseen, type Look, lookOf, withoutMarks } from "./foreseen";
import type { Gathering } from "./gathering";
import { secretLabels } from "./labels";
import type { AssessmentContext, Subject } from "./subject";
import { TimeBudget } from "./time-budget";

export type { Foreseen } from "./foreseen";

/** All looks of a preview together. Milliseconds. */
const LOOKS_TAKE = 20_000;
const NAMES_SHOWN = 5;

/** Where the lines of a preview go: to the row of the resource, or to that of the stack. */
export interface ShowForesight {
    readonly info: (text: string) => void;
    readonly warn: (text: string) => void;
    readonly ofStack: (text: string) => void;
    /** Takes what was seen of a resource. `labels`: what targets with secret ids are called. */
    readonly assessed?: (assessment: Assessment, labels: ReadonlyMap<string, string>) => void;
}

type Seen = Extract<Look, { is: "look" }>;

/** What the resources of one previewed program would do. Reads only, and never fails: what it can't see it says. */
export class Foresight {
    private readonly budget: TimeBudget;
    /** What several resources were not looked at for, with their names, by the text or what it stands for. */
    private readonly notLooked = new Map<string, { readonly text: string; readonly names: string[] }>();
    private readonly reported = new Set<string>();
    private open = 0;

    constructor(
        private readonly context: AssessmentContext,
        /** Those of one preview look together. */
        private readonly gathering: Gathering,
        private readonly known?: Services,
    ) {
        this.budget = new TimeBudget(context.clock, LOOKS_TAKE);
    }

    async see(foreseen: Foreseen, show: ShowForesight): Promise<void> {
        this.open += 1;
        const conceal = concealing(withoutMarks(foreseen.inputs));
        const { info, warn, ofStack } = show;
        const concealed: ShowForesight = {
            ...show,
            info: (text) => info(conceal(text)),
            warn: (text) => warn(conceal(text)),
            ofStack: (text) => ofStack(conceal(text)),
        };
        try {
            await this.gathering.arrive();
            const look = await lookOf(foreseen, this.context.clock, this.known);
            if (look.is === "look") {
                await this.budget.within((signal) => this.look(look, foreseen, concealed, signal));
            } else if (look.text !== undefined) {
                concealed.info(look.text);
            }
        } catch (error) {
            concealed.info(`not looked: ${errorText(error)}`);
        } finally {
            this.open -= 1;
            if (this.open === 0) {
                this.reportNotLooked(concealed);
            }
        }
    }

    private async look(look: Seen, { name }: Foreseen, show: ShowForesight, signal: AbortSignal): Promise<void> {
        const { definition, properties, moment, where, unknown } = look;
        const subject: Omit<Subject, "definition"> = { properties, moment, where };
        try {
            const assessed =
                definition === "batchTask"
                    ? await assessBatchTask(this.context, subject, signal)
                    : await assess(this.context, { ...subject, definition }, signal);
            if (isNothing(assessed)) {
                return;
            }
            const labels = definition === "batchTask" ? NO_LABELS : secretLabels(definition, properties);
            const text = blockText(assessed, {
                moment,
                label: (target) => labels.get(target.key) ?? nameOf(target),
            });
            show.info([text, ...unknown].join("; "));
            show.assessed?.(assessed, labels);
            const missing = mayMiss(look) ? missingText(assessed) : undefined;
            if (missing !== undefined) {
                show.warn(missing);
            }
        } catch (error) {
            const cause = cloudErrorOf(error);
            if (signal.aborted) {
                this.add("time", `${LOOKS_TAKE / 1000} s were up`, name);
            } else if (cause?.kind === "unauthenticated") {
                // What comes after is refused without a request, in other words.
                this.add("identity", cause.message, name);
            } else if (cause === undefined || cause.kind === "configuration") {
                // A setting, or a file of a guard: what it says of one resource it says of all.
                this.add(errorText(error), errorText(error), name);
            } else {
                throw error;
            }
        }
    }

    private add(key: string, text: string, name: string): void {
        const known = this.notLooked.get(key) ?? { text, names: [] };
        this.notLooked.set(key, known);
        known.names.push(name);
    }

    /** One line for each reason; that an identity or a setting is wrong is told once in a preview. */
    private reportNotLooked({ ofStack }: ShowForesight): void {
        for (const [key, { text, names }] of this.notLooked) {
            if (!this.reported.has(key) || key === "time") {
                const shown = names.sort().slice(0, NAMES_SHOWN).join(", ");
                const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
                ofStack(`preview did not look at the cloud for ${shown}${more}: ${text}`);
            }
            this.reported.add(key);
        }
        this.notLooked.clear();
    }
}

/** Whether targets that are not there are a sign of a wrong place. What an earlier up was to delete is gone, one hopes. */
function mayMiss({ moment, properties }: Seen): boolean {
    return properties.onMissing !== "ignore" && (moment === "create" || moment === "destroy");
}

const NO_LABELS: ReadonlyMap<string, string> = new Map();
