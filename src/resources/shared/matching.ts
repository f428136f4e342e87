import type { Input } from "@pulumi/pulumi";

/** Texts, of which one applies. A set: order and duplicates do not matter. */
export type Texts<Text extends string = string> = Input<readonly Input<Text>[]>;

/** Values by key: `{ team: "web", stage: ["test", "trial"] }`. */
export type Pairs = Input<Readonly<Record<string, Input<string> | Texts>>>;

/**
 * The criteria that every list can show. A thing matches if it meets all that are given. At least one must narrow: a name of `*` alone,
 * all the states that there are, and `except` do not. What can't be told of a thing does not match.
 *
 * No criterion may be undefined, null or empty, for an unset configuration value would make the rule match more.
 */
export interface CommonCriteria {
    /** Globs for the name; one must match it as a whole. `*` is any letters, `?` one. Case-sensitive. */
    names?: Texts;
    /**
     * Created longer ago than this: "30d", "36h", "1d12h"; at most "3650d". A thing without a time of creation does not match; of a time
     * without a zone the latest that it may mean counts.
     */
    olderThan?: Input<string>;
    /** Created more recently than this. Of a time without a zone the earliest that it may mean counts. */
    newerThan?: Input<string>;
    /** Never these: ids, and globs for names. A thing whose name can't be read is left alone as long as one of them may be a name. */
    except?: Texts;
}

/** Targets named by a rule instead of by their ids. */
export interface ByRule<Matching> {
    /**
     * What matches now, each time the resource acts and at each refresh; things included that nobody knew when the resource was declared.
     * `when: "create"`: nothing that matches may be left. `when: "destroy"`: what matches when the resource is deleted is deleted.
     */
    matching: Input<Matching>;
    /** The most targets that one run may act on. Required with `matching`. */
    maxItems: Input<number>;
}
