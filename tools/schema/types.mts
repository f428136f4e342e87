import ts from "typescript";

/** A type in a Pulumi package schema. */
export type TypeSpec = Readonly<Record<string, unknown>>;

export interface PropertySpec extends TypeSpec {
    readonly description?: string;
}

export interface ObjectSpec {
    readonly type: "object";
    readonly description?: string;
    readonly properties: Readonly<Record<string, PropertySpec>>;
    readonly required: readonly string[];
}

const PACKAGE = "huaweicloud-batch";

/** Turns TypeScript's types into the schema's, and collects the object types on the way. */
export class SchemaTypes {
    readonly types = new Map<string, ObjectSpec>();

    private readonly checker: ts.TypeChecker;
    private readonly resources: ReadonlySet<string>;

    /** `resources`: "vias:BatchTask". */
    constructor(checker: ts.TypeChecker, resources: ReadonlySet<string>) {
        this.checker = checker;
        this.resources = resources;
    }

    /** The properties of an object type. `module`: the namespace for types that it names. `path`: the name for those without a name. */
    object(type: ts.Type, module: string, path: string, skip: (name: string) => boolean = () => false): ObjectSpec {
        const properties: Record<string, PropertySpec> = {};
        const required: string[] = [];
        for (const [name, declared] of this.propertiesOf(type)) {
            if (skip(name)) {
                continue;
            }
            const given = declared.flatMap((property) => (property === undefined ? [] : [this.typeOf(property)]));
            const description = declared
                .map((property) => (property === undefined ? "" : this.documentation(property)))
                .find((text) => text !== "");
            properties[name] = {
                ...this.spec(given, module, `${path}${capital(name)}`),
                ...(description === undefined ? {} : { description: withValues(description, this.literals(given)) }),
            };
            if (declared.every((property) => property !== undefined && !this.isOptional(property))) {
                required.push(name);
            }
        }
        return { type: "object", properties, required: required.sort() };
    }

    documentation(symbol: ts.Symbol): string {
        return ts
            .displayPartsToString(symbol.getDocumentationComment(this.checker))
            .replaceAll(/\{@link (\w+)\}/g, "`$1`");
    }

    /** By name, in order: the property in each member of a union, or undefined where a member does not have it. */
    private propertiesOf(type: ts.Type): ReadonlyArray<readonly [string, ReadonlyArray<ts.Symbol | undefined>]> {
        const members = type.isUnion() ? type.types : [type];
        const names = new Set(
            members.flatMap((each) => this.checker.getPropertiesOfType(each).map(({ name }) => name)),
        );
        return [...names]
            .sort()
            .map((name) => [name, members.map((each) => this.checker.getPropertyOfType(each, name))] as const);
    }

    private typeOf(property: ts.Symbol): ts.Type {
        return this.checker.getTypeOfSymbol(property);
    }

    private isOptional(property: ts.Symbol): boolean {
        return (
            (property.flags & ts.SymbolFlags.Optional) !== 0 ||
            this.members([this.typeOf(property)], false).some((each) => (each.flags & ts.TypeFlags.Undefined) !== 0)
        );
    }

    /** The members of a union, without what only says that a value may come later. */
    private members(types: readonly ts.Type[], known = true): readonly ts.Type[] {
        const all = types.flatMap((type) => (type.isUnion() ? type.types : [type]));
        return all
            .flatMap((member) => {
                const inOutput = this.valueOfOutput(member);
                return inOutput === undefined ? [member] : this.members([inOutput], false);
            })
            .filter((member) => !isPromise(member))
            .filter((member) => !known || (member.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) === 0);
    }

    /** The SDK's Output is an OutputInstance, and for most values also what lifts their properties. */
    private valueOfOutput(type: ts.Type): ts.Type | undefined {
        if (type.aliasSymbol?.name === "Output") {
            return type.aliasTypeArguments?.[0];
        }
        const parts = type.isIntersection() ? type.types : [type];
        const instance = parts.find((part) => part.getSymbol()?.name === "OutputInstance");
        return instance === undefined ? undefined : this.checker.getTypeArguments(referenceOf(instance))[0];
    }

    /** The part of the schema that a type stands in: what several services share stands in none of theirs. */
    private moduleOf(type: ts.Type, module: string): string {
        const [declaration] = (type.aliasSymbol ?? type.getSymbol())?.declarations ?? [];
        return declaration?.getSourceFile().fileName.includes("/resources/shared/") ? "index" : module;
    }

    private literals(types: readonly ts.Type[]): readonly string[] {
        const members = [...new Set(this.members(types))];
        return members.every((member) => member.isStringLiteral())
            ? members.flatMap((member) => (member.isStringLiteral() ? [member.value] : []))
            : [];
    }

    /** Of a value that has one of these types. */
    spec(types: readonly ts.Type[], module: string, path: string): TypeSpec {
        const members = [...new Set(this.members(types))];
        const [first, second] = members;
        if (first === undefined) {
            return { $ref: "pulumi.json#/Any" };
        }
        const all = (flags: ts.TypeFlags) => members.every((member) => (member.flags & flags) !== 0);
        if (all(ts.TypeFlags.BooleanLike)) {
            return { type: "boolean" };
        }
        if (all(ts.TypeFlags.StringLike)) {
            return { type: "string" };
        }
        if (all(ts.TypeFlags.NumberLike)) {
            return { type: "integer" };
        }
        if (second !== undefined || (first.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.Any)) !== 0) {
            return { $ref: "pulumi.json#/Any" };
        }
        if (this.checker.isArrayType(first)) {
            const [element] = this.checker.getTypeArguments(referenceOf(first));
            return { type: "array", items: element === undefined ? {} : this.spec([element], module, path) };
        }
        const values = first.getStringIndexType();
        if (values !== undefined) {
            return { type: "object", additionalProperties: this.spec([values], module, path) };
        }
        return { $ref: `#/types/${this.named(first, module, path)}` };
    }

    private named(given: ts.Type, module: string, path: string): string {
        // What the SDK makes of a type without inputs is that type here.
        const [unwrapped] = given.aliasSymbol?.name === "UnwrappedObject" ? (given.aliasTypeArguments ?? []) : [];
        const type = unwrapped ?? given;
        const symbol = type.aliasSymbol ?? type.getSymbol();
        const own = symbol === undefined || symbol.name === "__type" ? path : symbol.name;
        // A resource has that name already: its rows in a list are summaries of it.
        const name = this.resources.has(`${module}:${own}`) ? `${own}Summary` : own;
        const token = `${PACKAGE}:${this.moduleOf(type, module)}:${name}`;
        if (!this.types.has(token)) {
            this.types.set(token, { type: "object", properties: {}, required: [] });
            const description = symbol === undefined || symbol.name === "__type" ? "" : this.documentation(symbol);
            this.types.set(token, {
                ...this.object(type, module, own),
                ...(description === "" ? {} : { description }),
            });
        }
        return token;
    }
}

function referenceOf(type: ts.Type): ts.TypeReference {
    if (!isReference(type)) {
        throw new Error(`no type reference: ${type.symbol?.name}`);
    }
    return type;
}

function isReference(type: ts.Type): type is ts.TypeReference {
    return "target" in type;
}

function isPromise(type: ts.Type): boolean {
    return type.getSymbol()?.name === "Promise";
}

function withValues(description: string, values: readonly string[]): string {
    return values.length === 0 || values.every((value) => description.includes(value))
        ? description
        : `${description} One of ${values.map((value) => `\`${value}\``).join(", ")}.`;
}

export function capital(text: string): string {
    return text.charAt(0).toUpperCase() + text.slice(1);
}
