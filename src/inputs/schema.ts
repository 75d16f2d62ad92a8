// The one table of inputs of the verb `deploy`. action.yml and docs/inputs.md are written from it
// (script/docs), and Inputs is derived from it. Other verbs share its rows (verbs.ts).

import { expressInputs } from "./express-inputs.ts";
import { buildInputs, imageInputs } from "./image-inputs.ts";
import type { InputSpec } from "./input-spec.ts";
import { credentialInputs } from "./post-inputs.ts";
import { rolloutInputs } from "./rollout-inputs.ts";
import { runInputs } from "./run-inputs.ts";
import { serviceInputs } from "./service-inputs.ts";
import { taskDefinitionInputs } from "./task-definition-inputs.ts";
import { taskInputs } from "./task-inputs.ts";
import { terraformInputs } from "./terraform-inputs.ts";
import { verificationInputs } from "./verification-inputs.ts";

/** In the order of the documentation. */
export const inputSpecs = {
  ...credentialInputs,
  ...imageInputs,
  ...buildInputs,
  ...taskDefinitionInputs,
  ...serviceInputs,
  ...expressInputs,
  ...taskInputs,
  ...rolloutInputs,
  ...verificationInputs,
  ...runInputs,
  ...terraformInputs,
} as const satisfies Record<string, InputSpec<unknown>>;

export type InputName = keyof typeof inputSpecs;

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** The rows of a table, parsed. `role-to-assume` becomes `roleToAssume`. */
export type Parsed<Table extends Readonly<Record<string, InputSpec<unknown>>>> = {
  readonly [Name in keyof Table & string as CamelCase<Name>]: ReturnType<Table[Name]["parse"]>;
};

/** Every input, parsed. */
export type Inputs = Parsed<typeof inputSpecs>;

/** `role-to-assume` → `roleToAssume`. */
export function toMemberName(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
