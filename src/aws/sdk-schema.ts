// What our SDK knows of a request's members: the model that it serializes with, as plain shapes.
// Nothing more is bundled for it.

import {
  CreateExpressGatewayServiceCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import type { RequestSchemas, ValueSchema } from "../ecs/request-schema.ts";

export function requestShapes(): RequestSchemas {
  const register = shapeOf(
    inputOf(new RegisterTaskDefinitionCommand({ family: "", containerDefinitions: [] })),
  );
  return {
    taskDefinition: register,
    createExpress: shapeOf(
      inputOf(new CreateExpressGatewayServiceCommand({ infrastructureRoleArn: "" })),
    ),
    updateService: shapeOf(inputOf(new UpdateServiceCommand({ service: "" }))),
  };
}

const anyShape: ValueSchema = { is: "anything" };

/**
 * Smithy's compact schemas: a number is a simple type (64 more: a list of it, 128 more: a map), an
 * array begins with its kind (1 list, 2 map, 3 structure, 4 union), a function returns the schema,
 * and `[function, traits]` is a member with traits. A structure has its required members first, and
 * ends with their count.
 * https://github.com/smithy-lang/smithy-typescript/blob/main/packages/types/src/schema/schema.ts
 * With a newer SDK that writes them in a different form, shapes become "anything", and
 * __tests__/unit/aws/sdk-schema.test.ts fails.
 */
type SmithySchema = number | readonly unknown[] | (() => SmithySchema);

function inputOf({ schema }: { readonly schema?: unknown }): SmithySchema {
  return (Array.isArray(schema) ? schema[4] : undefined) as SmithySchema;
}

function shapeOf(schema: SmithySchema | undefined): ValueSchema {
  if (typeof schema === "function") return shapeOf(schema());
  if (typeof schema === "number") return simpleShape(schema);
  if (!Array.isArray(schema)) return anyShape;
  const [kind, , , , first, second, requiredCount = 0] = schema;
  if (typeof kind === "function" || Array.isArray(kind)) return shapeOf(kind as SmithySchema);
  if (kind === 1) return { is: "list", of: shapeOf(first as SmithySchema) };
  if (kind === 2) return { is: "map", of: shapeOf(second as SmithySchema) };
  if ((kind !== 3 && kind !== 4) || !Array.isArray(first) || !Array.isArray(second))
    return anyShape;
  const members = first.map(
    (name, index) => [String(name), shapeOf(second[index] as SmithySchema)] as const,
  );
  return {
    is: "members",
    members: Object.fromEntries(members),
    required: first.slice(0, Number(requiredCount)).map(String),
  };
}

function simpleShape(code: number): ValueSchema {
  if (code >= 128) return { is: "map", of: simpleShape(code - 128) };
  if (code >= 64) return { is: "list", of: simpleShape(code - 64) };
  const kind = (["text", "number", "boolean"] as const)[code];
  if (kind === undefined) return anyShape;
  return { is: kind };
}
