// What a request to ECS may hold, as far as the SDK's model says it. Types only.

export type ValueSchema =
  | { readonly is: "text" | "number" | "boolean" | "anything" }
  | { readonly is: "list" | "map"; readonly of: ValueSchema }
  | {
      readonly is: "members";
      readonly members: Readonly<Record<string, ValueSchema>>;
      /** Names of those without which ECS refuses the object. */
      readonly required: readonly string[];
    };

export interface RequestSchemas {
  /** RegisterTaskDefinition's input. */
  readonly taskDefinition: ValueSchema;
  /** CreateExpressGatewayService's input. */
  readonly createExpress: ValueSchema;
  /** UpdateService's input. */
  readonly updateService: ValueSchema;
}
