import type { View } from "@pulumi/pulumi/proto/provider_pb";
import { definitionOf, services } from "../../services/registry";
import { untilAborted } from "../../util/abort";
import { lazy } from "../../util/lazy";
import { isNothing } from "../assessment/assessment";
import type { Foreseen } from "../assessment/foresight";
import type { Gathering } from "../assessment/gathering";
import { secretLabels } from "../assessment/labels";
import type { ProcessContext } from "../context";
import type { Properties } from "../hooks";
import { concealing } from "../report/secret-words";
import { placeSchema } from "../state";
import { destroyAct } from "../target-set/moments";
import { assessedRows } from "./assessed-rows";
import { LiveRows } from "./live-rows";
import { type Row, type RowOwner, RowPublisher, rowUrn } from "./rows";

/** Rows of one resource, unless HUAWEICLOUD_BATCH_ROWS says another number. */
const MOST_ROWS = 200;
/** A read is not kept waiting for its rows for longer. Milliseconds. */
const LOOK_TAKES = 20_000;

/** The rows below a resource, one a target: what would be done in a preview, what is there in a read, what is done in a run. */
export class TargetRows {
    private readonly publisher = new RowPublisher();
    private readonly foresight = lazy(() => new (loadForesight().Foresight)(this.context, this.settings.gathering));

    constructor(
        private readonly context: ProcessContext,
        private readonly settings: { readonly most: number; readonly previews: boolean; readonly gathering: Gathering },
    ) {}

    /** Looks at the cloud, and never fails the preview for what it can't see. What a guard refuses of declared targets does fail it. */
    async preview(owner: RowOwner, foreseen: Foreseen): Promise<void> {
        if (!this.settings.previews) {
            return;
        }
        const { progress } = this.context;
        const urn = owner.getUrn();
        const conceal = concealing(foreseen.inputs);
        const shown: Array<Promise<void>> = [];
        const seen = this.foresight().see(foreseen, {
            info: (text) => progress.note(urn, "info", text),
            warn: (text) => progress.note(urn, "warning", text),
            ofStack: (text) => progress.note("", "info", text),
            assessed: (assessment, labels) => {
                const rows = assessedRows(assessment, { labels, conceal, most: this.settings.most, gate: true });
                shown.push(this.show(owner, rows));
            },
        });
        // Rejects with the cancellation alone: then nobody waits for what would be shown.
        await untilAborted(seen, this.context.cancelled).catch(() => undefined);
        await Promise.all(shown);
        await progress.end(urn);
    }

    /** What is there of a resource's targets, and what destroying it today would do. Never rejects, and ends with the signal. */
    async read(owner: RowOwner, outputs: Properties, ended: AbortSignal): Promise<void> {
        const { __resource } = outputs;
        const definition = typeof __resource === "string" ? definitionOf(__resource, services) : undefined;
        const stored = placeSchema.safeParse(outputs.place);
        const isShown = this.settings.previews && this.settings.most > 0;
        if (!isShown || definition === undefined || !stored.success) {
            return;
        }
        const moment = destroyAct(definition, outputs) === undefined ? "unchanged" : "destroy";
        const signal = AbortSignal.any([ended, this.context.cancelled, AbortSignal.timeout(LOOK_TAKES)]);
        try {
            const where = { stored: stored.data };
            const seen = await loadAssess().assess(
                this.context,
                { definition, properties: outputs, moment, where },
                signal,
            );
            if (!isNothing(seen)) {
                const labels = secretLabels(definition, outputs);
                const conceal = concealing(outputs);
                const rows = assessedRows(seen, { labels, conceal, most: this.settings.most, gate: false });
                await this.show(owner, rows, "read");
            }
        } catch {
            // The read itself says what it can't see.
        }
    }

    /** For a resource that is deleted. */
    forget(owner: RowOwner, saved: readonly View[]): Promise<void> {
        return this.publisher.forget(owner, saved);
    }

    private async show(owner: RowOwner, rows: readonly Row[], during: "read" | "run" = "run"): Promise<void> {
        await this.publisher.publish(owner, rows, during);
        const { progress } = this.context;
        await Promise.all(
            rows.map(async (row) => {
                const { text } = row;
                if (text !== undefined) {
                    progress.line(rowUrn(owner, row), () => text);
                    await progress.end(rowUrn(owner, row));
                }
            }),
        );
    }

    /** For a run: call `end` before the hook answers. */
    live(owner: RowOwner, ...given: readonly [Properties, ...Properties[]]): LiveRows {
        const [properties] = given;
        const { __resource } = properties;
        const definition = typeof __resource === "string" ? definitionOf(__resource, services) : undefined;
        return new LiveRows({
            owner,
            publisher: this.publisher,
            progress: this.context.progress,
            labels: definition === undefined ? new Map() : secretLabels(definition, properties),
            conceal: concealing(...given),
            most: this.settings.most,
        });
    }
}

// Loaded where rows of a look are shown: the process starts without them.

function loadForesight(): typeof import("../assessment/foresight") {
    return require("../assessment/foresight");
}

function loadAssess(): typeof import("../assessment/assess") {
    return require("../assessment/assess");
}

/** `HUAWEICLOUD_BATCH_ROWS`: how many rows a resource may have; 0: none. Throws where it is no such number. */
export function mostRows(value: string | undefined): number {
    if (value === undefined || value === "") {
        return MOST_ROWS;
    }
    if (!/^\d{1,6}$/.test(value)) {
        throw new Error(
            `HUAWEICLOUD_BATCH_ROWS is ${JSON.stringify(value.slice(0, 40))}, and must be a number from 0 on`,
        );
    }
    return Number(value);
}
