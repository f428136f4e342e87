import { Agenda, type AgendaEvent } from "./agenda";
import { AuditLog, type Tombstone } from "./audit-log";
import type { WorldClock } from "./clock";
import { OutcomeFaults } from "./outcomes";
import type { Random } from "./random";

/**
 * Everything that exists in one emulated cloud. Objects live in it by kind (see Kind), what is to come lies on the
 * agenda, and `catchUp` lets happen what is due: no timers run.
 */
export class World {
    readonly agenda = new Agenda();
    readonly auditLog = new AuditLog();
    readonly tombstones: Tombstone[] = [];
    readonly outcomes: OutcomeFaults;
    private momentOfEvent: number | undefined;

    constructor(
        readonly clock: WorldClock,
        readonly random: Random,
        private readonly happen: (world: World, event: AgendaEvent) => void,
    ) {
        this.outcomes = new OutcomeFaults(random);
    }

    /** The world's time; while an event happens, the moment for which it was planned. */
    now(): number {
        return this.momentOfEvent ?? this.clock.now();
    }

    plan(inMs: number, event: Omit<AgendaEvent, "at" | "order">): void {
        this.agenda.add({ ...event, at: this.now() + inMs });
    }

    catchUp(): void {
        const now = this.clock.now();
        for (let due = this.agenda.takeDue(now); due !== undefined; due = this.agenda.takeDue(now)) {
            this.momentOfEvent = due.at;
            try {
                this.happen(this, due);
            } finally {
                this.momentOfEvent = undefined;
            }
        }
    }
}

/** `2026-01-31T08:00:00Z` */
export function isoSeconds(ms: number): string {
    return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
