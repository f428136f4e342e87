/** The emulated cloud in a process of its own, with so many MetaStudio assets, and so many CloudDC instances. */
import "../../tools/typescript-hooks.mts";

const { startEmulator } = await import("../../emulator/src/index.ts");
const objects = Array.from({ length: Number(process.argv[2]) }, (_, n) => ({ asset_id: String(n).padStart(32, "0") }));
const instances = Array.from({ length: Number(process.argv[3] ?? 0) }, (_, n) => ({
    id: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
}));
const emulator = await startEmulator({
    speed: 100,
    seed: {
        objects: [
            { service: "metastudio", kind: "assets", objects },
            { service: "clouddc", kind: "instances", objects: instances },
        ],
    },
});
process.send?.(emulator.url);
process.on("message", async () => {
    const { requests } = await emulator.control.auditLog();
    const counts = Object.entries(requests).flatMap(([service, operations]) =>
        service === "iam" ? [] : Object.values(operations).flatMap((statuses) => Object.values(statuses)),
    );
    process.send?.(counts.reduce((sum, count) => sum + count, 0));
});
process.on("disconnect", () => process.exit());
