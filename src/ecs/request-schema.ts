// What a request to ECS may hold, as far as the SDK's model says it. Types only.

export type Shape =
  | { readonly is: "text" | "number" | "boolean" | "anything" }
  | { readonly is: "list" | "map"; readonly of: Shape }
  | {
      readonly is: "members";
      readonly members: Readonly<Record<string, Shape>>;
      /** Names of those without which ECS refuses the object. */
      readonly required: readonly string[];
    };

export interface Shapes {
  /** RegisterTaskDefinition's input. */
  readonly taskDefinition: Shape;
  /** UpdateService's `deploymentConfiguration`. */
  readonly deploymentConfiguration: Shape;
}
