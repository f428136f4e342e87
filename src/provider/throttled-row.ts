import type { Service } from "../cloud/call";
import type { CallContext } from "./call";
import type { HooksContext } from "./context";
import type { ResourceHooks } from "./hooks";
import { elapsedText } from "./report/progress";

/** The same hooks: as long as one shows no line of its own, the row says that it waits because the service throttles requests. */
export function withThrottledRow(hooks: ResourceHooks, service: Service, context: HooksContext): ResourceHooks {
    const { clock, throttling } = context;
    const during = async <T>(call: CallContext, hook: (call: CallContext) => Promise<T>): Promise<T> => {
        const began = clock.now();
        let hasOwnLine = false;
        const end = throttling.listen(service.name, () => {
            if (!hasOwnLine) {
                call.row(() => `waiting: ${service.title} throttles requests, ${elapsedText(clock.now() - began)}`);
            }
        });
        const row: CallContext["row"] = (say) => {
            hasOwnLine = true;
            call.row(say);
        };
        try {
            return await hook({ ...call, row });
        } finally {
            end();
        }
    };
    return {
        check: (news, olds, call) => hooks.check(news, olds, call),
        diff: (olds, news, call) => hooks.diff(olds, news, call),
        create: (inputs, call) => during(call, (shown) => hooks.create(inputs, shown)),
        read: (id, outputs, call) => during(call, (shown) => hooks.read(id, outputs, shown)),
        update: (id, olds, news, call) => during(call, (shown) => hooks.update(id, olds, news, shown)),
        remove: (id, outputs, call) => during(call, (shown) => hooks.remove(id, outputs, shown)),
    };
}
