import { type Facts, ofExclusivity, ofThrottle } from "./facts";
import { type Bound, type Measured, mean } from "./measured";
import { computed, MOST_PLAYED, type Policy, played, policies } from "./peers";
import { bound, measured, operated, type Scenario, type Work } from "./scenario";
import { SERVICES, type ServiceName } from "./services";

export interface Row {
    readonly name: string;
    readonly what: string;
    readonly scenario: Scenario;
    readonly seeds: readonly number[];
    readonly facts?: Facts;
    /** Another row shows the peers in the same case. */
    readonly withoutPeers?: true;
    /** Run only when it is asked for by its name, or with --all. */
    readonly takesLong?: true;
}

export interface PeerResult {
    readonly name: Policy["name"];
    /** "computed": from the same policy played with 1,000 targets. */
    readonly by: "played" | "computed";
    readonly measured: Measured;
}

export interface Result {
    readonly name: string;
    readonly what: string;
    readonly service: ServiceName;
    readonly targets: number;
    readonly workSeconds: number;
    readonly seeds: readonly number[];
    readonly ours: Measured;
    readonly bound: Bound;
    readonly peers: readonly PeerResult[];
    readonly facts: Readonly<Record<string, number>>;
}

const minute: Work = { distribution: "fixed", seconds: 60 };

/** The base case; a row changes one thing of it. */
const base: Scenario = {
    service: SERVICES.workspaceapp,
    targets: 1_000,
    work: minute,
    resources: 1,
    others: 0,
    hiddenLimit: undefined,
};

const FEW = [1, 2, 3];
const MANY = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const SIZES = [1, 10, 100, 1_000, 10_000, 100_000];

function sizes(): Row[] {
    return Object.entries(SERVICES).flatMap(([name, service]) =>
        SIZES.map((targets) => ({
            name: `${name}-${targets}`,
            what: `${targets.toLocaleString("en")} ${service.title}${service.work === "none" ? "" : ", 60 s"}`,
            scenario: { ...base, service, targets },
            seeds: targets > MOST_PLAYED ? [1] : name === "workspaceapp" && targets === 1_000 ? MANY : FEW,
            // Each inspection reads a list of 500 pages.
            ...(name === "vias" && targets > 10_000 ? { takesLong: true as const } : {}),
        })),
    );
}

function durations(): Row[] {
    const distributions = ["fixed", "uniform", "log-normal"] as const;
    return [1, 8, 20, 60, 600].flatMap((seconds) =>
        distributions.map((distribution) => ({
            name: `work-${seconds}-${distribution}`,
            what: `jobs of ${seconds} s, ${distribution}`,
            scenario: { ...base, work: { distribution, seconds } },
            // How much later than the end the poll comes that shows it is a matter of chance.
            seeds: MANY,
        })),
    );
}

export const rows: readonly Row[] = [
    ...sizes(),
    ...durations(),
    {
        name: "peer-200",
        what: "200 image servers, 60 s: the case measured with the real peer",
        scenario: { ...base, targets: 200 },
        seeds: MANY,
    },
    ...[1, 8, 50].map((resources) => ({
        name: `resources-${resources}`,
        what: `${resources} resource${resources === 1 ? "" : "s"} that share 1,000 image servers`,
        scenario: { ...base, resources },
        seeds: FEW,
    })),
    {
        name: "tenant",
        what: "20 image servers among 100,000",
        scenario: { ...base, targets: 20, others: 99_980 },
        seeds: [1, 2],
    },
    {
        name: "throttle-vias",
        what: "1,000 VIAS batch tasks, a hidden limit of 10 requests a second",
        scenario: { ...base, service: SERVICES.vias, hiddenLimit: 10 },
        seeds: FEW,
        facts: ofThrottle,
    },
    {
        name: "throttle-image-servers",
        what: "1,000 image servers, a hidden limit of 10 requests a second",
        scenario: { ...base, hiddenLimit: 10 },
        seeds: FEW,
        facts: ofThrottle,
    },
    {
        name: "exclusive",
        what: "1,000 ROMA assets, one job of 60 s at a time",
        scenario: { ...base, service: SERVICES.roma },
        seeds: FEW,
        facts: ofExclusivity,
        withoutPeers: true,
    },
];

export async function measureRow(row: Row): Promise<Result> {
    const { scenario, seeds } = row;
    const all: Measured[] = [];
    const facts: Record<string, number> = {};
    for (const seed of seeds) {
        const { world, wall } = await operated(scenario, seed);
        all.push(await measured(world, scenario, wall));
        for (const [fact, value] of Object.entries(row.facts?.(world.network.log, scenario) ?? {})) {
            facts[fact] = (facts[fact] ?? 0) + value / seeds.length;
        }
    }
    const bounds = seeds.map((seed) => bound(scenario, seed));
    const [first] = bounds;
    if (first === undefined) {
        throw new Error(`${row.name} has no seed`);
    }
    const peers: PeerResult[] = [];
    for (const policy of row.withoutPeers ? [] : policies) {
        peers.push(await peerResult(policy, row));
    }
    return {
        name: row.name,
        what: row.what,
        service: scenario.service.name,
        targets: scenario.targets,
        workSeconds: scenario.work.seconds,
        seeds,
        ours: mean(all),
        bound: { ...first, wall: bounds.reduce((sum, { wall }) => sum + wall, 0) / bounds.length },
        peers,
        facts,
    };
}

/** Peers are slow to play: fewer seeds where nothing of theirs is random but the network. */
async function peerResult(policy: Policy, { scenario, seeds }: Row): Promise<PeerResult> {
    if (scenario.targets > MOST_PLAYED) {
        const targets = policy.name === "one id a request" ? 100 : MOST_PLAYED;
        const measured = computed(policy, scenario, await played(policy, { ...scenario, targets }, 1), targets);
        return { name: policy.name, by: "computed", measured };
    }
    const all: Measured[] = [];
    for (const seed of seeds.slice(0, policy.name === "exponential back-off" ? 3 : 1)) {
        all.push(await played(policy, scenario, seed));
    }
    return { name: policy.name, by: "played", measured: mean(all) };
}
